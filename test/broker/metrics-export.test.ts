import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startBroker } from '../../local/stack/broker.ts';
import { createCleanup, type Cleanup } from '../../local/stack/cleanup.ts';
import { createStack } from '../../local/stack/stack.ts';

const root = join(import.meta.dirname, '../..');
let cleanup: Cleanup;
let folder: string;
beforeEach(() => {
  cleanup = createCleanup();
  folder = mkdtempSync(join(tmpdir(), 'metrics-export-'));
});
afterEach(async () => {
  await cleanup.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What `docs/metrics.md` tells operators to deploy: a file that registers an SDK and goes on to the bundle. */
function writeApp(): void {
  const [packages, bundle] = [join(root, 'package.json'), join(root, 'dist/main.cjs')].map((path) =>
    JSON.stringify(path),
  );
  const text = `
    const load = require('node:module').createRequire(${packages});
    const { metrics } = load('@opentelemetry/api');
    const { ConsoleMetricExporter, MeterProvider, PeriodicExportingMetricReader } = load('@opentelemetry/sdk-metrics');
    const exporter = new ConsoleMetricExporter();
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 100, exportTimeoutMillis: 100 });
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
    require(${bundle});
  `;
  writeFileSync(join(folder, 'telemetry.cjs'), text);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'app', main: 'telemetry.cjs' }));
  copyFileSync(join(root, 'host.json'), join(folder, 'host.json'));
}

test('the bundle, in the mode that host.json sets, measures with the SDK that was registered before it', async () => {
  const built = spawnSync(process.execPath, [join(root, 'scripts/build.ts')], { encoding: 'utf8' });
  expect(built.stderr).toBe('');
  writeApp();
  const stack = await createStack({ ports: { control: 0, gateways: [0, 0] }, storage: false });
  cleanup.add(() => stack.close());
  let tell = () => {};
  const exported = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const onLine = (line: string) => {
    if (line.includes("name: 'token_broker.hand_outs'")) tell();
  };
  const settings = { ...stack.settings, NODE_OPTIONS: '' };
  const broker = await startBroker({ root: folder, port: 0, settings, onLine, onEnd: () => {} }, cleanup);
  const { status } = await fetch(`${broker.url}/v1/headers/core`);
  expect(status).toBe(401);
  await exported;
}, 120_000);
