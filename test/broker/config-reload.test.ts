import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { callers } from '../../local/sample.ts';
import { readRemote } from '../../shared/broker-doctor.ts';
import { loadStart } from '../../shared/config/load.ts';
import { statusAnswer } from '../../shared/http/contract/status.ts';
import { eventually, startBrokerOnStack, type BrokerOnStack, type RequestCount } from '../support/broker-on-stack.ts';
import { serveHeaders, type ServedHeaders } from '../support/serve-headers.ts';

const second = 1_000;
const lookEvery = 30 * second;
const blobPath = '/devstoreaccount1/config/broker.config.json';

let on: BrokerOnStack;
let original: string;
beforeAll(async () => {
  on = await startBrokerOnStack({ configBlob: true, storage: true });
  original = readFileSync(on.stack.configFile, 'utf8');
}, 120_000);
afterAll(() => on.close());

/** A worker that has taken the sample's configuration into use, with nothing cached but that. */
beforeEach(async () => {
  await on.steer('/faults', 'DELETE');
  await on.stack.configBlob?.put(original);
  on.lines.length = 0;
  on.restart();
  await eventually(() => events('config-taken').length === 1);
});

const events = (name: string) => on.lines.filter(({ event }) => event === name);
const fail = (fields: object) => on.steer('/faults', 'POST', { target: 'storage', ...fields });

// oxlint-disable-next-line typescript/no-explicit-any -- a configuration file, of which each test changes what it is about
type File = any;
const changed = (change: (file: File) => void): string => {
  const file: File = JSON.parse(original);
  change(file);
  return JSON.stringify(file);
};
const put = async (text: string) => on.stack.configBlob?.put(text);
const looks = async () => (await on.counts()).filter(({ target }) => target === 'storage');
const countOf = (counts: RequestCount[]) => counts.reduce((sum, { count }) => sum + count, 0);

/** Moves on to the next look, and waits until it has come to something. */
async function look(outcome: 'config-taken' | 'config-refused' | 'config-failed'): Promise<void> {
  const before = events(outcome).length;
  await on.clock.advance(lookEvery);
  await eventually(() => events(outcome).length > before);
}

/** Moves on by so many looks, each of which finds nothing new. */
async function lookInVain(times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const [before, quiet] = [countOf(await looks()), on.clock.pending()];
    await on.clock.advance(lookEvery);
    await eventually(async () => countOf(await looks()) > before && on.clock.pending() <= quiet);
  }
}

const statusOf = async (caller: string, api: string) =>
  (await on.headers(api, { token: await on.token(caller) })).status;

describe('a new configuration in the blob', () => {
  test('is in use within half a minute: whom it removes is refused, whom and what it adds is served (guarantee 2)', async () => {
    expect(await statusOf('reporting', 'core')).toBe(200);
    expect(await statusOf('stranger', 'core')).toBe(403);
    const { clientId, objectId } = callers['stranger'] ?? {};
    await put(
      changed((file) => {
        delete file.callers.reporting;
        file.callers.stranger = { clientId, objectId, apis: ['core', 'ledger'] };
        file.apis.ledger = { baseUrl: file.apis.core.baseUrl, subscription: 'okq8-core' };
      }),
    );
    expect(await statusOf('reporting', 'core')).toBe(200);
    await look('config-taken');
    expect(await statusOf('reporting', 'core')).toBe(403);
    expect(await statusOf('stranger', 'core')).toBe(200);
    expect(await statusOf('stranger', 'ledger')).toBe(200);
    expect(await statusOf('billing', 'payments')).toBe(200);
  });

  test('costs no request upstream for what it says the same of', async () => {
    const everything = async () => [
      await statusOf('billing', 'core'),
      await statusOf('billing', 'payments'),
      await statusOf('bookkeeping', 'invoices'),
      await statusOf('bookkeeping', 'loyalty'),
    ];
    expect(await everything()).toEqual([200, 200, 200, 200]);
    await on.steer('/requests', 'DELETE');
    await put(
      changed((file) => {
        delete file.callers.reporting;
        file.broker.requestTimeout = '6s';
        file.apis.statements = { ...file.apis.payments, oauth: { ...file.apis.payments.oauth, scope: 'api://new' } };
      }),
    );
    await look('config-taken');
    expect(await everything()).toEqual([200, 200, 200, 200]);
    expect(await on.counts()).toEqual([{ target: 'storage', method: 'GET', path: blobPath, status: 200, count: 1 }]);
  });

  test('reads what it names anew, and that alone', async () => {
    expect(await statusOf('billing', 'payments')).toBe(200);
    await on.steer('/vault/elsewhere', 'POST', { value: 'CANARYelsewhere' });
    await on.steer('/requests', 'DELETE');
    await put(changed((file) => (file.subscriptions['okq8-payments'].secret = 'elsewhere')));
    await look('config-taken');
    const { json } = await on.headers('payments', { token: await on.token('billing') });
    expect(json.headers['Ocp-Apim-Subscription-Key']).toBe('CANARYelsewhere');
    const upstream = (await on.counts()).filter(({ target }) => target !== 'storage');
    expect(upstream.map(({ target, path }) => [target, path])).toEqual([['vault', '/secrets/elsewhere/']]);
  });

  test('asks for a token as the client that it names, though the name and the secret are those of another', async () => {
    expect(await statusOf('billing', 'payments')).toBe(200);
    await put(changed((file) => (file.clients.okq8.clientId = callers['billing']?.clientId)));
    await look('config-taken');
    const { status, json } = await on.headers('payments', { token: await on.token('billing') });
    expect([status, json.code]).toEqual([502, 'upstream-rejected']);
  });

  test('changes the deadlines of what it keeps, too', async () => {
    expect(await statusOf('billing', 'payments')).toBe(200);
    await put(changed((file) => Object.assign(file.broker, { requestTimeout: '2s', upstreamTimeout: '1s' })));
    await look('config-taken');
    await on.steer('/faults', 'POST', { target: 'entra', path: '**/token', hang: true });
    const token = await on.token('billing');
    const waiting = on.headers('payments?access=get', { token });
    await eventually(async () =>
      (await on.counts()).some(({ path, status }) => path.endsWith('/token') && status === 0),
    );
    await on.clock.advance(1.1 * second);
    expect((await waiting).status).toBe(503);
    expect(on.lines.findLast(({ event }) => event === 'load-failed')).toMatchObject({
      kind: 'token',
      reason: 'entra-unavailable',
    });
  });

  test('leaves what is left in a bucket in it', async () => {
    await put(changed((file) => (file.broker.rateLimit = { perSecond: 1, burst: 100 })));
    await look('config-taken');
    const token = await on.token('billing');
    const spend = async (times: number) => {
      const replies = await Promise.all(Array.from({ length: times }, () => on.headers('core', { token })));
      return replies.filter(({ status }) => status === 200).length;
    };
    expect(await spend(100)).toBe(100);
    await put(
      changed((file) => {
        file.broker.rateLimit = { perSecond: 1, burst: 100 };
        delete file.callers.reporting;
      }),
    );
    await look('config-taken');
    expect(await spend(100)).toBe(lookEvery / second);
  });
});

/** On a busy machine. */
const patient = 120_000;

describe('a new configuration under load', () => {
  let served: ServedHeaders;
  beforeEach(async () => {
    await put(changed((file) => (file.broker.rateLimit = { perSecond: 10_000, burst: 100_000 })));
    await look('config-taken');
    served = await serveHeaders(on);
  });
  afterAll(() => served.close());

  test(
    'fails no request of who stays, and serves nobody whom it has removed',
    async () => {
      const load = await served.load([
        ['billing', 'payments'],
        ['billing', 'core'],
        ['bookkeeping', 'loyalty'],
        ['reporting', 'core'],
        ['stranger', 'core'],
      ]);
      await load.more(50);
      const { clientId, objectId } = callers['stranger'] ?? {};
      await put(
        changed((file) => {
          file.broker.rateLimit = { perSecond: 10_000, burst: 100_000 };
          delete file.callers.reporting;
          file.callers.stranger = { clientId, objectId, apis: ['core'] };
        }),
      );
      const before = events('config-taken').length;
      for (let seconds = 0; events('config-taken').length === before; seconds += 1) {
        expect(seconds).toBeLessThan(60);
        await on.clock.advance(second);
        await load.more(3);
      }
      const mark = load.mark();
      await load.more(100);
      const answers = await load.end();
      const of = (caller: string, from = 0) => answers.slice(from).filter((answer) => answer.caller === caller);
      const statuses = (caller: string, from = 0) => new Set(of(caller, from).map(({ status }) => status));
      expect(statuses('billing')).toEqual(new Set([200]));
      expect(statuses('bookkeeping')).toEqual(new Set([200]));
      // From the first refusal on, each one is refused.
      const firstRefusal = answers.findIndex(({ caller, status }) => caller === 'reporting' && status === 403);
      expect(firstRefusal).toBeGreaterThan(0);
      expect(statuses('reporting', mark)).toEqual(new Set([403]));
      expect(statuses('stranger', mark)).toEqual(new Set([200]));
      expect(statuses('reporting')).toEqual(new Set([200, 403]));
      expect(of('billing').length).toBeGreaterThan(100);
    },
    patient,
  );
});

describe('a configuration that is not valid', () => {
  const invalid = () =>
    changed((file) => {
      file.broker.headerLifetime = 'soon';
      file.callers.billing.apis = ['core', 'nothing'];
      file.apis.core.retries = 3;
    });
  const itsProblems = [
    expect.stringMatching(/^broker\.headerLifetime /),
    expect.stringMatching(/^apis\.core\.retries /),
    expect.stringMatching(/^callers\.billing\.apis\[1\] /),
  ];

  test('is refused with all its problems, while the old one serves', async () => {
    await put(invalid());
    await look('config-refused');
    expect(events('config-refused')).toEqual([
      { event: 'config-refused', total: 3, problems: expect.arrayContaining(itsProblems) },
    ]);
    expect(await statusOf('billing', 'payments')).toBe(200);
    expect(await statusOf('reporting', 'core')).toBe(200);
  });

  test(
    'is told of once, and again each hour',
    async () => {
      await put(invalid());
      await look('config-refused');
      await lookInVain(119);
      expect(events('config-refused')).toHaveLength(1);
      await lookInVain(60);
      expect(events('config-refused')).toHaveLength(2);
      expect(events('config-failed')).toEqual([]);
    },
    patient,
  );

  test('is told of anew when it is another', async () => {
    await put(invalid());
    await look('config-refused');
    await put('{ "broker": ');
    await look('config-refused');
    expect(events('config-refused')[1]).toMatchObject({
      total: 1,
      problems: [expect.stringMatching(/^line 1, column 13 is not JSON/)],
    });
    expect(await statusOf('billing', 'payments')).toBe(200);
  });

  test('gives way to one that is', async () => {
    await put(invalid());
    await look('config-refused');
    await put(changed((file) => delete file.callers.reporting));
    await look('config-taken');
    expect(await statusOf('reporting', 'core')).toBe(403);
  });

  test('of more than 1 MiB is refused unread', async () => {
    await put(`{${' '.repeat(1_048_576)}}`);
    await look('config-refused');
    expect(events('config-refused')[0]).toMatchObject({
      total: 1,
      problems: [expect.stringMatching(/^the file is longer than 1 MiB/)],
    });
    expect(await statusOf('billing', 'payments')).toBe(200);
  });

  test('is told of in lines that are short enough, however many problems it has and however long its names are', async () => {
    await put(
      changed((file) => {
        for (let count = 0; count < 120; count += 1) file.broker[`unknown-${count}`] = 'CANARYconfig';
        file.apis.core['x'.repeat(40_000)] = 'CANARYconfig';
      }),
    );
    await look('config-refused');
    await eventually(() => events('config-refused').length === 3);
    const told = events('config-refused');
    expect(told.flatMap((line) => line['problems'])).toHaveLength(121);
    expect(told.map(({ total }) => total)).toEqual([121, 121, 121]);
    expect(told.every((line) => JSON.stringify(line).length < 32_768)).toBe(true);
    expect(JSON.stringify(told)).not.toContain('CANARY');
  });
});

describe('the status', () => {
  const status = async () => {
    const reply = await on.ask('status', 'v1/status', { token: await on.token('auditor') });
    return statusAnswer.parse(reply.json);
  };

  test('says which configuration is in use, and why a newer one is not', async () => {
    const first = (await status()).configuration;
    expect(first).toMatchObject({ source: 'blob', lastFailure: null, problems: [] });
    await put(changed((file) => (file.broker.headerLifetime = 'soon')));
    await look('config-refused');
    const refused = (await status()).configuration;
    expect(refused).toMatchObject({
      version: first.version,
      loadedOn: first.loadedOn,
      lastFailure: { reason: 'config-refused', times: 1 },
      problems: [expect.stringMatching(/^broker\.headerLifetime /)],
    });
    await put(changed((file) => delete file.callers.reporting));
    await look('config-taken');
    const newer = await status();
    expect(newer.configuration).toMatchObject({ lastFailure: null, problems: [] });
    expect(newer.configuration.version).not.toBe(first.version);
    expect(newer.callers.map(({ name }) => name)).toEqual(['billing', 'bookkeeping']);
  });

  test('goes on counting through a new configuration', async () => {
    const handOuts = async () => (await status()).callers.find(({ name }) => name === 'billing')?.handOuts.allowed;
    await statusOf('billing', 'core');
    expect(await handOuts()).toBe(1);
    await put(changed((file) => delete file.callers.reporting));
    await look('config-taken');
    await statusOf('billing', 'core');
    expect(await handOuts()).toBe(2);
  });
});

describe('while the blob', () => {
  test.each([
    ['is not to be had', { status: 503 }, { reason: 'storage-unavailable', upstream: 503 }],
    ['may not be read', { status: 403 }, { reason: 'storage-refused', upstream: 403 }],
    [
      'is behind a redirect',
      { status: 302, headers: { Location: 'http://127.0.0.1:1/' } },
      { reason: 'storage-refused' },
    ],
    ['is cut off', { reset: true }, { reason: 'storage-unavailable' }],
  ])('%s, the configuration in use serves on, and the log says why', async (_how, fault, told) => {
    await fail(fault);
    await look('config-failed');
    await look('config-failed');
    expect(await statusOf('billing', 'payments')).toBe(200);
    expect(events('config-failed')).toHaveLength(2);
    expect(events('config-failed')[1]).toMatchObject(told);
    await on.steer('/faults', 'DELETE');
    await put(changed((file) => delete file.callers.reporting));
    await look('config-taken');
    expect(await statusOf('reporting', 'core')).toBe(403);
  });

  test('is gone, the configuration in use serves on', async () => {
    await on.stack.configBlob?.remove();
    await look('config-failed');
    expect(events('config-failed')[0]).toMatchObject({ reason: 'storage-refused', upstream: 'BlobNotFound' });
    expect(await statusOf('billing', 'payments')).toBe(200);
  });

  test('never answers, requests do not wait for it', async () => {
    expect(await statusOf('billing', 'payments')).toBe(200);
    await fail({ hang: true });
    await on.clock.advance(lookEvery);
    await eventually(async () => (await looks()).some(({ status }) => status === 0));
    expect(await statusOf('billing', 'payments')).toBe(200);
    await on.clock.advance(10 * second);
    await eventually(() => events('config-failed').length === 1);
    expect(events('config-failed')[0]).toMatchObject({ reason: 'storage-unavailable' });
  });

  test('stays the same, a look every 30 s is one small request', async () => {
    await on.steer('/requests', 'DELETE');
    await lookInVain(10);
    expect(await on.counts()).toEqual([{ target: 'storage', method: 'GET', path: blobPath, status: 304, count: 10 }]);
    expect(events('config-taken')).toHaveLength(1);
  });

  test('cannot be read for over a minute, the timer moves no rotation', async () => {
    await fail({ status: 503 });
    await look('config-failed');
    await look('config-failed');
    await on.steer('/requests', 'DELETE');
    await on.tick();
    expect(events('rotation-failed')).toEqual([
      { event: 'rotation-failed', code: 'upstream-unavailable', reason: 'config-unavailable' },
    ]);
    expect((await on.counts()).map(({ target }) => target)).toEqual(['storage']);
  });
});

describe('the timer', () => {
  /** Whose keys a tick, or two, have listed. */
  const listedByTick = async (ticks = 1) => {
    await on.steer('/requests', 'DELETE');
    for (let tick = 0; tick < ticks; tick += 1) await on.tick();
    const counts = (await on.counts()).filter(({ target }) => target === 'management');
    return new Set(counts.map(({ path }) => /\/subscriptions\/([^/]+)\/listSecrets$/.exec(path)?.[1]));
  };

  beforeEach(async () => {
    // Adopts or finds its record, promises, and then rests.
    for (const _ of [1, 2, 3]) await on.tick();
    if ((await listedByTick()).size > 0) throw new Error('They do not rest.');
  });

  test('leaves at rest what rests, where the new configuration says the same of it', async () => {
    await put(changed((file) => delete file.callers.reporting));
    await look('config-taken');
    expect(await listedByTick()).toEqual(new Set());
  });

  test('looks anew at what is rotated in another way, and at that alone', async () => {
    await put(changed((file) => (file.subscriptions['okq8-core'].rotation.settle = '11m')));
    await look('config-taken');
    expect(await listedByTick(2)).toEqual(new Set(['okq8-core']));
  });

  test('leaves alone what is not rotated any more, and finds it again as it was', async () => {
    await put(changed((file) => delete file.subscriptions['okq8-core'].rotation));
    await look('config-taken');
    await on.clock.advance(5 * 60 * second);
    await eventually(async () => (await looks()).some(({ status }) => status === 304));
    expect(await listedByTick()).toEqual(new Set(['okq8-payments', 'partner-loyalty']));
    await put(original);
    await look('config-taken');
    const steps = events('rotation-step').length;
    expect(await listedByTick()).toEqual(new Set(['okq8-core']));
    const adopted = events('rotation-step')
      .slice(steps)
      .filter(({ step }) => step === 'adopt');
    expect(adopted).toEqual([]);
  });
});

describe('whoever examines what the settings name', () => {
  const load = async () => {
    const told = loadStart(on.stack.settings);
    if (!('blobUrl' in told)) throw new TypeError('The configuration is in a blob.');
    return readRemote(told, on.clock, new AbortController().signal);
  };

  test('reads the configuration in the blob', async () => {
    const { config } = await load();
    expect(config.apis.map(({ name }) => name)).toEqual(['core', 'payments', 'invoices', 'loyalty']);
  });

  test('is told of what is wrong with it, and when it cannot be read', async () => {
    await put('{}');
    await expect(load()).rejects.toMatchObject({
      problems: expect.arrayContaining([expect.objectContaining({ path: 'broker' })]),
    });
    await on.stack.configBlob?.remove();
    await expect(load()).rejects.toMatchObject({ reason: 'storage-refused', upstream: 'BlobNotFound' });
  });
});

describe('a worker that starts', () => {
  const start = async () => {
    on.lines.length = 0;
    on.restart();
  };

  test('has its first requests wait for the configuration', async () => {
    const lifted = await fail({ hang: true });
    await start();
    const waiting = statusOf('billing', 'payments');
    await eventually(async () => (await looks()).some(({ status }) => status === 0));
    await on.steer(`/faults/${(lifted as { id: string }).id}`, 'DELETE');
    expect(await waiting).toBe(200);
  });

  test('without a configuration is alive and not ready, and looks again ever later', async () => {
    await on.stack.configBlob?.remove();
    await start();
    await eventually(() => events('config-failed').length === 1);
    const { status, headers, json } = await on.headers('payments', { token: await on.token('billing') });
    expect([status, json.code, headers['Retry-After']]).toEqual([503, 'upstream-unavailable', '1']);
    expect((await on.ask('readyz', 'readyz')).status).toBe(503);
    expect((await on.ask('healthz', 'healthz')).status).toBe(200);
    for (const wait of [1, 2, 4, 8]) {
      const before = events('config-failed').length;
      await on.clock.advance(wait * second);
      await eventually(() => events('config-failed').length > before);
    }
    await put(original);
    await on.clock.advance(16 * second);
    await eventually(() => events('config-taken').length === 1);
    expect(await statusOf('billing', 'payments')).toBe(200);
  });

  test('with one that is not valid says so, and takes the next', async () => {
    await put('{}');
    await start();
    await eventually(() => events('config-refused').length === 1);
    const { status, json } = await on.headers('payments', { token: await on.token('billing') });
    expect([status, json.code]).toEqual([500, 'internal-error']);
    await put(original);
    await on.clock.advance(second);
    await eventually(() => events('config-taken').length === 1);
    expect(await statusOf('billing', 'payments')).toBe(200);
  });
});
