import { randomUUID } from 'node:crypto';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build as bundle } from 'esbuild';
import type { Stack } from '../local/stack/stack.ts';
import { appOptions } from '../scripts/bundle-options.ts';

/** Where decisions are recorded. */
export type Sink = 'log' | 'table';

/** A broker to be started: its app's folder, its app settings, a token of each of its callers, and the names of its APIs. */
export type App = { root: string; settings: Record<string, string>; tokens: string[]; names: string[] };

const root = join(import.meta.dirname, '..');
/** As much as a caller may be allowed. */
const rateLimit = { perSecond: 10_000, burst: 100_000 };

/** Bundles the app into the stack's folder, with so many callers that may have everything. @param apis how many of them, each with a token; default: those of the sample. */
export async function prepareApp(
  stack: Pick<Stack, 'configFile' | 'directory' | 'settings' | 'ready'>,
  sink: Sink,
  callers: number,
  apis?: number,
): Promise<App> {
  const folder = join(stack.directory, `app-${sink}`);
  await mkdir(folder, { recursive: true });
  await bundle({ ...appOptions, outdir: join(folder, 'dist'), minify: true, sourcemap: false });
  for (const file of ['package.json', 'host.json']) await cp(join(root, file), join(folder, file));
  const identities = Array.from({ length: callers }, () => ({ clientId: randomUUID(), objectId: randomUUID() }));
  const { file, names } = await writeConfig(stack, folder, sink, identities, apis);
  const tokens = await Promise.all(identities.map((identity) => mintToken(stack.ready().control, identity)));
  return { root: folder, settings: { ...stack.settings, BROKER_CONFIG: file }, tokens, names };
}

type Identity = { clientId: string; objectId: string };

async function writeConfig(
  { configFile }: Pick<Stack, 'configFile'>,
  folder: string,
  sink: Sink,
  identities: readonly Identity[],
  apiCount: number | undefined,
): Promise<{ file: string; names: string[] }> {
  const config: { broker: object; apis: Apis; subscriptions: Record<string, object> } = JSON.parse(
    await readFile(configFile, 'utf8'),
  );
  // Nothing but the trail is to write to storage.
  const subscriptions = Object.entries(config.subscriptions).map(([name, subscription]) => [
    name,
    { ...subscription, rotation: undefined },
  ]);
  const apis = apiCount === undefined ? config.apis : multiply(config.apis, apiCount);
  const names = Object.keys(apis);
  const callers = identities.map((identity, index) => [`caller-${index}`, { ...identity, apis: names, rateLimit }]);
  const audit = { sink, onFailure: 'deny' };
  const changed = {
    ...config,
    broker: { ...config.broker, audit },
    apis,
    subscriptions: Object.fromEntries(subscriptions),
    callers: Object.fromEntries(callers),
  };
  const file = join(folder, 'broker.config.json');
  await writeFile(file, JSON.stringify(changed));
  return { file, names };
}

type Apis = Readonly<Record<string, { readonly oauth?: object }>>;

/** So many APIs, each like one of those that take a token. */
function multiply(apis: Apis, count: number): Apis {
  const models = Object.entries(apis).filter(([, { oauth }]) => oauth !== undefined);
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const [name, api] = models[index % models.length] ?? ['', {}];
      return [`${name}-${index}`, api];
    }),
  );
}

async function mintToken(control: string, { clientId, objectId }: Identity): Promise<string> {
  const body = { caller: 'billing', claims: { azp: clientId, oid: objectId, sub: objectId } };
  const response = await fetch(`${control}/token`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { token }: { token: string } = JSON.parse(await response.text());
  return token;
}
