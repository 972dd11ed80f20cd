import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Stack } from '../../local/stack/stack.ts';

/** What is rotated: a subscription whose key is all that its API takes, and one whose APIs take a token as well. */
export const rotated = ['okq8-core', 'okq8-payments'] as const;

/** How late each gateway hears of a new key. The first is told at once, and so refuses an old key at once. */
export const propagation = ['0ms', '1500ms', '3s'] as const;

/**
 * Production's inequalities with terms short enough to watch a cycle. A key is promised for a little longer than a header set lives, so that some are
 * handed out on the promise and others on a fresh read.
 */
const terms = {
  headerLifetime: '30s',
  upstreamTimeout: '500ms',
  rotationTerms: { visibility: '500ms', readAge: '1s', clockSkew: '50ms', flight: '1s' },
};
const shortRotation = { every: '30s', settle: '3s', promise: '34s' };

type ConfigFile = { broker: object; subscriptions: Record<string, object> };

/** Writes the stack's configuration with these durations; resolves with the app settings that name it, and a timer that fires each second. */
export async function writeConfig(
  { configFile, directory, settings }: Pick<Stack, 'configFile' | 'directory' | 'settings'>,
  rotation: object = shortRotation,
): Promise<Record<string, string>> {
  const config: ConfigFile = JSON.parse(await readFile(configFile, 'utf8'));
  const subscriptions = Object.entries(config.subscriptions).map(([name, subscription]) => [
    name,
    { ...subscription, rotation: rotated.some((each) => each === name) ? rotation : undefined },
  ]);
  const changed = {
    ...config,
    broker: { ...config.broker, ...terms },
    subscriptions: Object.fromEntries(subscriptions),
  };
  const file = join(directory, 'demo.config.json');
  await writeFile(file, JSON.stringify(changed));
  return { ...settings, BROKER_CONFIG: file, ROTATION_SCHEDULE: '* * * * * *' };
}
