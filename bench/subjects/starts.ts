import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { build as bundle } from 'esbuild';
import { createCleanup, type Cleanup } from '../../local/stack/cleanup.ts';
import { appOptions } from '../../scripts/bundle-options.ts';
import type { App } from '../audit-app.ts';
import { startHostProcess } from './host-process.ts';
import type { StartReport } from './report-start.ts';

const root = join(import.meta.dirname, '../..');
const reporter = join(import.meta.dirname, 'report-start.ts');

const upstreams: Readonly<Record<string, RegExp>> = {
  'managed identity’s token': /\/msi\/token/,
  'secret reads': /\/secrets\//,
  'client’s token': /\/oauth2\/v2\.0\/token/,
  'signing keys': /\/discovery\/v2\.0\/keys/,
};

/** All that is told of a start. */
export const steps = [
  'process and host',
  'import',
  'from then on until it serves',
  'import of the broker',
  'import of both',
  ...Object.keys(upstreams),
  'first request',
  'all',
];

/** The same app, in two files as well, with its packages left in node_modules. */
export async function prepareUnbundled(app: App): Promise<App> {
  const folder = `${app.root}-unbundled`;
  await mkdir(folder, { recursive: true });
  for (const file of ['package.json', 'host.json']) await cp(join(root, file), join(folder, file));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await bundle({ ...appOptions, outdir: join(folder, 'dist'), packages: 'external', sourcemap: false });
  return { ...app, root: folder };
}

/** An app to be started, and its folder of temporary files. */
type Started = Pick<App, 'root' | 'settings' | 'names' | 'tokens'> & { readonly temporary: string };

/** Starts an app in its host, asks once as soon as it serves, and ends it. @returns milliseconds of each step; those of upstreams overlap. */
export async function measureStart({ root: folder, settings, names, tokens, temporary }: Started, cleanup: Cleanup) {
  const own = createCleanup();
  cleanup.add(() => own.close());
  const file = join(folder, 'start.json');
  const spawnedAt = now();
  const host = await startHostProcess(
    {
      root: folder,
      settings: { ...settings, START_REPORT: file, TMPDIR: temporary },
      execArgv: ['--import', reporter],
    },
    own,
  );
  const servesAt = now();
  const headers = { Authorization: `Bearer ${tokens[0]}` };
  const answer = await fetch(`${host.url}/v1/headers/${names[0]}`, { headers });
  await answer.arrayBuffer();
  const answeredAt = now();
  if (answer.status !== 200) throw new Error(`The first request was answered ${answer.status}.`);
  await own.close();
  const { main, broker, requests } = JSON.parse(await readFile(file, 'utf8')) as StartReport;
  return {
    'process and host': main.from - spawnedAt,
    import: main.to - main.from,
    'from then on until it serves': servesAt - main.to,
    ...(broker && {
      'import of the broker': broker.to - broker.from,
      'import of both': main.to - main.from + broker.to - broker.from,
    }),
    ...toSteps(requests),
    'first request': answeredAt - servesAt,
    all: answeredAt - spawnedAt,
  };
}

/** Of each upstream, from the first request to the last answer. */
function toSteps(requests: StartReport['requests']): Record<string, number> {
  const all = Object.entries(upstreams).map(([name, pattern]) => {
    const own = requests.filter(({ url }) => pattern.test(url));
    return [name, Math.max(...own.map(({ to }) => to)) - Math.min(...own.map(({ from }) => from)), own.length] as const;
  });
  return Object.fromEntries(all.flatMap(([name, ms, times]) => (times > 0 ? [[name, ms]] : [])));
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
