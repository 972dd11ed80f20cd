import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { eventually, startBrokerOnStack, type BrokerOnStack, type Reply } from '../support/broker-on-stack.ts';
import { allButDate } from '../support/timers.ts';

const minute = 60_000;
let on: BrokerOnStack;
beforeAll(async () => {
  on = await startBrokerOnStack();
});
afterAll(() => on.close());
beforeEach(async () => {
  await on.steer('/faults', 'DELETE');
  on.restart();
  on.lines.length = 0;
});

/** Faults that stand for an upstream that is down in one way or another. */
const waysDown = [
  ['answers 503', { status: 503 }],
  ['throttles for an hour', { status: 429, headers: { 'Retry-After': '3600' } }],
  ['answers an HTML page', { status: 503, headers: { 'Content-Type': 'text/html' }, body: '<html>down</html>' }],
  ['resets the connection', { reset: true }],
  ['never answers', { hang: true }],
] as const;

/** Asks once a simulated minute. A request that waited for an upstream that never answers would never end. */
async function askEachMinute(api: string, minutes: number): Promise<Reply[]> {
  const replies: Reply[] = [];
  for (let at = 0; at < minutes; at += 1) {
    await on.clock.advance(minute);
    // A caller renews its own token; Entra's token endpoint may be down, its callers' tokens are minted by the stack.
    replies.push(await on.headers(api, { token: await on.token('billing') }));
  }
  return replies;
}

describe.each(waysDown)('Entra %s for the rest of a token’s life (guarantee 6)', (_name, fault) => {
  test('not one request fails before the token’s last minute, and none waits for a refresh', async () => {
    const first = await on.headers('payments', { token: await on.token('billing') });
    await on.steer('/faults', 'POST', { target: 'entra', path: '**/token', ...fault });
    const replies = await askEachMinute('payments', 59);
    expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: 59 }, () => 200));
    expect(new Set(replies.map(({ json }) => json.headers.Authorization))).toEqual(
      new Set([first.json.headers.Authorization]),
    );
    expect(replies.slice(0, 54).every(({ json }) => json.expiresIn === 300)).toBe(true);
    expect(replies.at(-1)?.json.expiresIn).toBe(49);
  });
});

describe.each(waysDown)('Key Vault %s (guarantee 6)', (_name, fault) => {
  test('not one request fails until the key’s promise ends, and none waits for a refresh', async () => {
    const safeUntil = new Date(on.clock.wall() + 60 * minute).toISOString();
    await on.steer('/vault/okq8-core', 'POST', { tags: { generation: '1', slot: 'primary', safeUntil } });
    const first = await on.headers('core', { token: await on.token('billing') });
    await on.steer('/faults', 'POST', { target: 'vault', ...fault });
    const replies = await askEachMinute('core', 59);
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(replies.map(({ json }) => json.id))).toEqual(new Set([first.json.id]));
    expect(replies.at(-1)?.json.expiresIn).toBe(60);
    await on.clock.advance(minute);
    const last = on.headers('core', { token: await on.token('billing') });
    if ('hang' in fault) await on.clock.advance(5_000);
    expect((await last).status).toBe(503);
  });
});

describe('with nothing cached', () => {
  test.each(waysDown)(
    'while both %s, the answer is 503 with Retry-After within the deadline (guarantee 8)',
    async (_name, fault) => {
      const token = await on.token('billing');
      await on.ask('apis', 'v1/apis', { token });
      await on.steer('/faults', 'POST', { target: 'vault', ...fault });
      await on.steer('/faults', 'POST', { target: 'entra', path: '**/token', ...fault });
      const before = on.clock.monotonic();
      const asking = on.headers('payments', { token });
      const seen = { isAnswered: false };
      void asking.finally(() => (seen.isAnswered = true));
      for (let second = 0; second < 5 && !seen.isAnswered; second += 1) {
        if ('hang' in fault) await on.clock.advance(1_000);
        else await eventually(() => seen.isAnswered);
      }
      expect(on.clock.monotonic() - before).toBeLessThanOrEqual(5_000);
      const { status, headers, json } = await asking;
      expect({ status, code: json.code }).toEqual({ status: 503, code: 'upstream-unavailable' });
      expect(Number(headers['Retry-After'])).toBeGreaterThanOrEqual(1);
      expect(headers['WWW-Authenticate']).toBeUndefined();
    },
  );

  test('a throttling upstream is left alone: what asks meanwhile costs it nothing and is told when to come again', async () => {
    const token = await on.token('billing');
    await on.steer('/faults', 'POST', { target: 'vault', status: 429, headers: { 'Retry-After': '20' } });
    await on.headers('core', { token });
    await on.steer('/requests', 'DELETE');
    const reply = await on.headers('core', { token });
    expect([reply.status, reply.headers['Retry-After']]).toEqual([503, '20']);
    expect(await on.counts()).toEqual([]);
  });

  test('the first request after the outage is served', async () => {
    const token = await on.token('billing');
    await on.steer('/faults', 'POST', { target: 'vault', status: 503 });
    expect((await on.headers('core', { token })).status).toBe(503);
    await on.steer('/faults', 'DELETE');
    await on.clock.advance(1_000);
    expect((await on.headers('core', { token })).status).toBe(200);
  });
});

describe('the managed identity’s endpoint down', () => {
  // MSAL and the SDKs read the time themselves.
  beforeAll(() => {
    jest.useFakeTimers({ now: on.clock.wall(), doNotFake: [...allButDate] });
  });
  afterAll(() => {
    jest.useRealTimers();
  });
  const letPass = async (ms: number) => {
    await on.clock.advance(ms);
    jest.setSystemTime(on.clock.wall());
  };

  test('until the credential’s token has expired, with nobody waiting: the worker lives, and heals', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    await on.headers('core', { token: await on.token('billing') });
    await on.steer('/faults', 'POST', { target: 'identity', status: 500 });
    await letPass(24 * 60 * minute - 60_000);
    await on.headers('core', { token: await on.token('billing') });
    await letPass(60 * minute);
    expect((await on.headers('core', { token: await on.token('billing') })).status).toBe(503);
    await on.steer('/faults', 'DELETE');
    await letPass(minute);
    expect((await on.headers('core', { token: await on.token('billing') })).status).toBe(200);
    process.off('unhandledRejection', note);
    expect(unhandled).toHaveLength(0);
  });
});

describe('the tenant’s keys', () => {
  test('rolled over: a token of the new key is accepted at once, with one fetch', async () => {
    await on.ask('apis', 'v1/apis', { token: await on.token('billing') });
    await on.steer('/entra', 'POST', { rollKeys: true });
    await on.steer('/requests', 'DELETE');
    const token = await on.token('billing');
    const replies = await Promise.all(Array.from({ length: 50 }, () => on.ask('apis', 'v1/apis', { token })));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await on.counts()).map(({ path, count }) => [path.endsWith('/keys'), count])).toEqual([[true, 1]]);
  });

  test('out of reach for a day: tokens of known keys are accepted until it ends', async () => {
    const ask = async () => (await on.ask('apis', 'v1/apis', { token: await on.token('billing') })).status;
    expect(await ask()).toBe(200);
    await on.steer('/faults', 'POST', { target: 'entra', path: '**/keys', status: 503 });
    for (let hour = 1; hour < 24; hour += 1) {
      await on.clock.advance(60 * minute);
      expect(await ask()).toBe(200);
    }
    await on.clock.advance(60 * minute);
    expect(await ask()).toBe(503);
  });
});
