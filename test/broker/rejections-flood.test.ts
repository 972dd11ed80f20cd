import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Config } from '../../shared/config/config.ts';
import { startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';

const keyRefused = 'Access denied due to invalid subscription key.';
const tokenRefused = '{"statusCode": 401, "message": "Unauthorized. Access token is missing or invalid."}';
const [reportsInSecond, seconds] = [1_000, 4];

/** No caller is ever told to wait. */
const withoutLimit = (config: Config): Config => ({
  ...config,
  callers: config.callers.map((caller) => ({ ...caller, rateLimit: { perSecond: 1e9, burst: 1e9 } })),
});

describe('1,000 false reports a second from one caller (guarantee 5)', () => {
  let on: BrokerOnStack;
  beforeAll(async () => {
    on = await startBrokerOnStack();
  });
  beforeEach(() => on.steer('/requests', 'DELETE'));
  afterAll(() => on.close());

  const given = async (api: string, token: string) => on.headers(api, { token });
  const report = (api: string, token: string, id: string, body: string) =>
    on.ask('rejections', `v1/headers/${api}/rejections`, {
      method: 'POST',
      token,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id, status: 401, body }),
    });
  const count = async (target: string, path = '') => {
    const counts = await on.counts();
    const own = counts.filter((one) => one.target === target && one.path.includes(path));
    return own.reduce((sum, one) => sum + one.count, 0);
  };

  /** Floods, and has another caller ask for headers all the while. */
  const flood = async (api: string, other: string, body: string) => {
    const [loud, quiet] = [await on.token('billing'), await on.token(other)];
    const before = { loud: (await given(api, loud)).json, quiet: (await given(api, quiet)).json };
    await on.steer('/requests', 'DELETE');
    const actions = new Map<string | number, number>();
    const others = [];
    let { id } = before.loud;
    for (let at = 0; at < seconds; at += 1) {
      const replies = [];
      for (let reports = 0; reports < reportsInSecond; reports += 1) {
        replies.push(report(api, loud, id, body));
        if (reports % 100 === 0) others.push(given(api, quiet));
      }
      for (const { status, json } of await Promise.all(replies)) {
        const action = status === 200 ? json.rejection.action : status;
        actions.set(action, (actions.get(action) ?? 0) + 1);
        // The next report is of what is current.
        if (status === 200) id = json.id;
      }
      await on.clock.advance(1_000);
    }
    return { before, actions, others: await Promise.all(others), after: await given(api, quiet) };
  };

  test.each<[string, (config: Config) => Config]>([
    ['with the rate limit as it is', (config) => config],
    ['with no rate limit', withoutLimit],
  ])('of a key, %s: one probe of each gateway, at most one read, and nobody’s key changes', async (_case, change) => {
    on.restart(change);
    const { before, actions, others, after } = await flood('core', 'reporting', keyRefused);
    expect(await count('gateway')).toBe(2);
    expect(await count('vault', '/secrets/okq8-core')).toBeLessThanOrEqual(1);
    expect(actions.get('unchanged') ?? 0).toBeGreaterThan(0);
    expect([...actions.keys()].filter((action) => action !== 'unchanged' && action !== 429)).toEqual([]);
    for (const { status, json } of [...others, after]) {
      expect(status).toBe(200);
      expect(json).toMatchObject({ id: before.quiet.id, headers: before.quiet.headers });
    }
    expect(on.lines.filter(({ event }) => event === 'key-refused')).toEqual([]);
  });

  test.each<[string, (config: Config) => Config]>([
    ['with the rate limit as it is', (config) => config],
    ['with no rate limit', withoutLimit],
  ])('of a token, %s: one token request, and everybody goes on with a good one', async (_case, change) => {
    on.restart(change);
    const { before, others, after } = await flood('payments', 'bookkeeping', tokenRefused);
    expect(await count('entra', '/token')).toBe(1);
    expect(await count('gateway')).toBe(0);
    const handedOut = new Set([...others, after].map(({ json }) => json.headers['Authorization']));
    expect([...others, after].map(({ status }) => status).filter((status) => status !== 200)).toEqual([]);
    // The one that was cached until the other was there, and that one.
    expect(handedOut.size).toBeLessThanOrEqual(2);
    const [gateway] = on.stack.ready().gateways;
    for (const headers of [before.quiet.headers, after.json.headers]) {
      expect((await fetch(`${gateway}/payments/orders`, { headers })).status).not.toBe(401);
    }
  });

  test('does not keep the next look from finding a real one, once the interval has run out', async () => {
    on.restart(withoutLimit);
    await flood('core', 'reporting', keyRefused);
    const token = await on.token('reporting');
    const before = (await given('core', token)).json;
    const key = before.headers['Ocp-Apim-Subscription-Key'];
    await on.steer('/vault/okq8-core', 'POST', { value: 'e'.repeat(32) });
    expect((await report('core', token, before.id, keyRefused)).json.rejection.action).toBe('unchanged');
    await on.clock.advance(10_000 - seconds * 1_000);
    const { json } = await report('core', token, before.id, keyRefused);
    expect(json.rejection.action).toBe('replaced');
    await on.steer('/vault/okq8-core', 'POST', { value: key });
  });

  test('a token that was revoked is cured by the first report', async () => {
    on.restart();
    const token = await on.token('billing');
    const before = (await given('payments', token)).json;
    const [gateway] = on.stack.ready().gateways;
    const use = async (headers: Record<string, string>) =>
      fetch(`${gateway}/payments/orders`, { headers }).then(async (answer) => ({
        status: answer.status,
        body: await answer.text(),
      }));
    await on.steer('/entra', 'POST', { revokeTokens: true });
    const refused = await use(before.headers);
    expect(refused.status).toBe(401);
    // The caller's own token was revoked as well.
    const { json } = await report('payments', await on.token('billing'), before.id, refused.body);
    expect(json.rejection).toEqual({ credential: 'token', action: 'replaced' });
    expect((await use(json.headers)).status).not.toBe(401);
  });
});
