import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { allMethods } from '../../shared/http/methods.ts';

const root = join(import.meta.dirname, '../..');
const files = readdirSync(join(root, 'functions'));

type Registered = { readonly kind: string; readonly name: string; readonly options: Readonly<Record<string, unknown>> };
type Call = readonly [method: string, ...given: unknown[]];

const httpKinds = new Set(['http', 'get', 'put', 'post', 'patch', 'deleteRequest']);
let registered: Registered[] = [];
let started: (() => void)[] = [];
let calls: Call[] = [];

/** Stands in for `app` of @azure/functions: notes what is registered. */
const app = new Proxy(
  { hook: { appStart: (callback: () => void) => void started.push(callback) } },
  {
    get: (target, kind) =>
      Reflect.get(target, kind) ??
      ((name: string, options: Registered['options']) => void registered.push({ kind: String(kind), name, options })),
  },
);
/** Stands in for the broker: notes what is called. */
const broker = new Proxy(
  {},
  {
    get:
      (_, method) =>
      (...given: unknown[]) =>
        calls.push([String(method), ...given]),
  },
);
const withBroker = (use: (loaded: typeof broker) => unknown) => {
  calls.push(['withBroker']);
  return use(broker);
};
const loadSoon = () => void calls.push(['loadSoon']);

beforeEach(() => {
  [registered, started, calls] = [[], [], []];
  jest.resetModules();
  jest.doMock('@azure/functions', () => ({ app, HttpResponse: Object }));
  jest.doMock('../../shared/broker-loading.ts', () => ({ withBroker, loadSoon, allMethods }));
});

async function load(file: string): Promise<readonly Registered[]> {
  await import(join(root, 'functions', file));
  return registered;
}

const routes: readonly [file: string, route: string, method: string][] = [
  ['headers.ts', 'v1/headers/{api}', 'headers'],
  ['rejections.ts', 'v1/headers/{api}/rejections', 'rejections'],
  ['apis.ts', 'v1/apis', 'apis'],
  ['call.ts', 'v1/call/{api}/{*path}', 'call'],
  ['authorization-header.ts', 'AuthorizationHeader/{api}', 'authorizationHeader'],
  ['validate.ts', 'Validate', 'validate'],
  ['status.ts', 'v1/status', 'status'],
  ['rotation.ts', 'v1/rotations/{subscription}', 'rotation'],
  ['steering.ts', 'v1/rotations/{subscription}/{command}', 'steering'],
  ['audit.ts', 'v1/audit', 'audit'],
  ['doctor.ts', 'v1/doctor', 'doctor'],
  ['healthz.ts', 'healthz', 'healthz'],
  ['readyz.ts', 'readyz', 'readyz'],
  ['problems.ts', 'docs/problems.md', 'problems'],
  ['openapi.ts', 'openapi.json', 'openapi'],
  ['dashboard.ts', 'dashboard', 'dashboard'],
  ['dashboard-assets.ts', 'dashboard/{asset}', 'dashboardAssets'],
  ['not-found.ts', '{*path}', 'notFound'],
];

describe('an HTTP trigger', () => {
  test('has its row here', async () => {
    const found = (await load('main.ts')).filter(({ kind }) => httpKinds.has(kind));
    expect(new Set(found.map(({ options }) => options['route']))).toEqual(new Set(routes.map(([, route]) => route)));
  });

  test.each(routes)(
    'in %s answers %s, whatever the method, with what the broker answers',
    async (file, route, method) => {
      const [trigger, ...others] = await load(file);
      expect(others).toEqual([]);
      expect(trigger).toMatchObject({ kind: 'http', options: { route, methods: allMethods } });
      expect(calls).toEqual([]);
      const handler = trigger?.options['handler'];
      if (typeof handler !== 'function') throw new TypeError('There is no handler.');
      handler('request', 'context');
      expect(calls).toEqual([['withBroker'], [method, 'request', 'context']]);
    },
  );

  test.each(files)('in %s states its authLevel, because the default is one that nobody chose', async (file) => {
    const isStated = ({ options }: Registered) => /^(anonymous|function|admin)$/.test(String(options['authLevel']));
    const triggers = (await load(file)).filter(({ kind }) => httpKinds.has(kind));
    expect(triggers.filter((trigger) => !isStated(trigger)).map(({ name }) => name)).toEqual([]);
  });
});

describe('the timer trigger', () => {
  test('fires on its setting and not when an instance starts', async () => {
    const [timer] = await load('rotation-timer.ts');
    expect(timer).toMatchObject({
      kind: 'timer',
      options: { schedule: '%ROTATION_SCHEDULE%', runOnStartup: false, useMonitor: true },
    });
    const handler = timer?.options['handler'];
    if (typeof handler !== 'function') throw new TypeError('There is no handler.');
    handler('timer', 'context');
    expect(calls).toEqual([['withBroker'], ['rotate', 'context']]);
  });

  test.each(files)('is the only one: %s', async (file) => {
    const timers = (await load(file)).filter(({ kind }) => kind === 'timer');
    expect(timers).toHaveLength(['rotation-timer.ts', 'main.ts'].includes(file) ? 1 : 0);
  });
});

describe('the app', () => {
  test('registers every file of functions/ through main.ts, each once', async () => {
    await load('main.ts');
    const names = registered.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.map((name) => `${name}.ts`).toSorted()).toEqual(
      files.filter((file) => file !== 'main.ts' && file !== 'start.ts').toSorted(),
    );
    expect(started).toHaveLength(1);
  });

  test('has the broker loaded when the worker starts, so that what is wrong is told then', async () => {
    await load('start.ts');
    expect(calls).toEqual([]);
    for (const start of started) start();
    expect(calls).toEqual([['loadSoon']]);
  });

  test('warms up, under the name by which the host finds the function', async () => {
    const [warmup] = await load('warmup.ts');
    expect([warmup?.kind, warmup?.name]).toEqual(['warmup', 'warmup']);
    const handler = warmup?.options['handler'];
    if (typeof handler !== 'function') throw new TypeError('There is no handler.');
    handler('warmup', 'context');
    expect(calls).toEqual([['withBroker'], ['warmUp', 'context']]);
  });

  test('has its routes where the contract says, without the host’s own prefix', () => {
    const host: unknown = JSON.parse(readFileSync(join(root, 'host.json'), 'utf8'));
    expect(host).toMatchObject({ version: '2.0', extensions: { http: { routePrefix: '' } } });
  });

  test('lets the host export what it has as OpenTelemetry does, which samples no audit line away', () => {
    const host: unknown = JSON.parse(readFileSync(join(root, 'host.json'), 'utf8'));
    expect(host).toHaveProperty('telemetryMode', 'OpenTelemetry');
  });
});
