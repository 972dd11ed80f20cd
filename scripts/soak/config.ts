import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Stack } from '../../local/stack/stack.ts';

/** Of `broker.requestTimeout`. */
export const requestTimeoutMs = 5_000;

/** Production's inequalities, and terms so short that each subscription gets a new key every minute or two. */
const terms = {
  headerLifetime: '30s',
  requestTimeout: `${requestTimeoutMs}ms`,
  upstreamTimeout: '3s',
  rotationTerms: { visibility: '500ms', readAge: '1s', clockSkew: '250ms', flight: '3s' },
  audit: { sink: 'table', onFailure: 'deny' },
};
/** Apart from one another, so that now one and now another is regenerated. */
const promises: Readonly<Record<string, string>> = {
  'okq8-core': '45s',
  'okq8-payments': '60s',
  'partner-loyalty': '75s',
};
const rotationOf = (name: string) => ({ every: '10s', settle: '5s', promise: promises[name] ?? '60s' });
/** So that a burst of one caller's is refused in part. */
const limited = { reporting: { perSecond: 10, burst: 20 } };

type ConfigFile = {
  broker: object;
  subscriptions: Record<string, object>;
  callers: Record<string, object>;
};

/** Writes the stack's configuration with these durations, every subscription rotated; resolves with the settings of a broker on it. */
export async function writeConfig({ configFile, directory, settings }: Stack): Promise<Record<string, string>> {
  const config: ConfigFile = JSON.parse(await readFile(configFile, 'utf8'));
  const changed = {
    ...config,
    broker: { ...config.broker, ...terms },
    subscriptions: mapEntries(config.subscriptions, (each, name) => ({ ...each, rotation: rotationOf(name) })),
    callers: {
      ...config.callers,
      ...mapEntries(limited, (rateLimit, name) => ({ ...config.callers[name], rateLimit })),
    },
  };
  const file = join(directory, 'soak.config.json');
  await writeFile(file, JSON.stringify(changed));
  return { ...settings, BROKER_CONFIG: file, ROTATION_SCHEDULE: '*/2 * * * * *' };
}

function mapEntries<T>(record: Readonly<Record<string, T>>, change: (value: T, name: string) => object) {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}
