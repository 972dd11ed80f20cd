import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { BrokerError } from '../../client/main.ts';
import { eventually } from '../support/broker-on-stack.ts';
import { headerSet, openScene, sendJson, sendProblem, type Scene } from './scene.ts';

let scene: Scene;
/** How many sets the broker has given. */
let given: number;

const giveNext = () => scene.onBroker((_, response) => sendJson(response, headerSet((given += 1))));

beforeEach(async () => {
  jest.spyOn(Math, 'random').mockReturnValue(0);
  scene = await openScene();
  given = 0;
  giveNext();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await scene.close();
});

const keyOf = ({ headers }: { headers: Readonly<Record<string, string>> }) => headers['Ocp-Apim-Subscription-Key'];
const failureOf = async (promise: Promise<unknown>): Promise<BrokerError> => {
  const error: unknown = await promise.catch((thrown: unknown) => thrown);
  if (!(error instanceof BrokerError)) throw new Error('It has not failed with a BrokerError.', { cause: error });
  return error;
};

describe('a header set', () => {
  test('is asked for with the caller’s own token, and is what the broker answered', async () => {
    const set = await scene.client({ scope: 'api://own/.default' }).headers('core');
    const { expiresIn: _, refreshIn: __, ...told } = headerSet(1);
    expect(set).toEqual(told);
    expect(scene.scopes).toEqual(['api://own/.default']);
    expect(scene.broker.received).toMatchObject([
      { method: 'GET', path: '/v1/headers/core', headers: { authorization: 'Bearer token-1' } },
    ]);
  });

  test('is asked for with the broker’s own scope unless another is given', async () => {
    await scene.client().headers('core');
    expect(scene.scopes).toEqual(['api://token-broker/.default']);
  });

  test('is asked for once, however many need it at once', async () => {
    const client = scene.client();
    const sets = await Promise.all(Array.from({ length: 100 }, () => client.headers('core')));
    expect(new Set(sets.map(keyOf))).toEqual(new Set(['key-1']));
    expect(scene.broker.received).toHaveLength(1);
  });

  test('is kept until its refreshOn', async () => {
    const client = scene.client();
    await client.headers('core');
    await scene.clock.advance(149_999);
    expect(keyOf(await client.headers('core'))).toBe('key-1');
    expect(scene.broker.received).toHaveLength(1);
  });

  test('is kept for each API and each access level', async () => {
    const client = scene.client();
    for (let round = 0; round < 2; round += 1) {
      await client.headers('core');
      await client.headers('payments');
      await client.headers('payments', { access: 'get' });
      await client.headers('payments', { access: '.default' });
    }
    expect(scene.broker.received.map(({ path }) => path)).toEqual([
      '/v1/headers/core',
      '/v1/headers/payments',
      '/v1/headers/payments?access=get',
      '/v1/headers/payments?access=.default',
    ]);
  });

  test('is refreshed in the background, once, from its refreshOn on', async () => {
    const client = scene.client();
    await client.headers('core');
    await scene.clock.advance(150_000);
    const sets = await Promise.all([client.headers('core'), client.headers('core')]);
    expect(sets.map(keyOf)).toEqual(['key-1', 'key-1']);
    await eventually(async () => keyOf(await client.headers('core')) === 'key-2');
    expect(scene.broker.received).toHaveLength(2);
  });

  test('serves while refreshing it fails, which is tried every 5 s, and is not handed out once it has expired', async () => {
    const client = scene.client({ waitMs: 0 });
    await client.headers('core');
    scene.onBroker((_, response) => sendProblem(response, 502, 'upstream-rejected'));
    await scene.clock.advance(150_000);
    for (let asked = 2; asked < 4; asked += 1) {
      expect(keyOf(await client.headers('core'))).toBe('key-1');
      await eventually(() => scene.broker.received.length === asked && scene.clock.pending() === 0);
      await scene.clock.advance(4_999);
      await client.headers('core');
      // A refresh would have begun by now.
      expect(scene.clock.pending()).toBe(0);
      await scene.clock.advance(1);
    }
    await scene.clock.advance(139_999);
    expect(keyOf(await client.headers('core'))).toBe('key-1');
    await scene.clock.advance(1);
    expect(await failureOf(client.headers('core'))).toMatchObject({ code: 'upstream-rejected', status: 502 });
  });

  test('is not asked for again by itself where a refresh in the background has failed', async () => {
    const client = scene.client();
    await client.headers('core');
    scene.onBroker((_, response) => sendProblem(response, 503, 'upstream-unavailable', { 'Retry-After': '1' }));
    await scene.clock.advance(150_000);
    await client.headers('core');
    await eventually(() => scene.broker.received.length === 2 && scene.clock.pending() === 0);
    expect(keyOf(await client.headers('core'))).toBe('key-1');
    expect(scene.clock.pending()).toBe(0);
  });

  test('has expired by whichever reading of the clock says so', async () => {
    const client = scene.client();
    await client.headers('core');
    scene.clock.setWall(scene.clock.wall() + 300_000);
    expect(keyOf(await client.headers('core'))).toBe('key-2');
    scene.clock.setWall(scene.clock.wall() - 3_600_000);
    await scene.clock.advance(300_000);
    expect(keyOf(await client.headers('core'))).toBe('key-3');
  });

  test('ages from the moment before it was asked for', async () => {
    scene.onBroker((_, response) => {
      void scene.clock.advance(300_000).then(() => sendJson(response, headerSet(1)));
    });
    const error = await failureOf(scene.client({ timeoutMs: 600_000 }).headers('core'));
    expect(error).toMatchObject({ code: 'unexpected-answer', message: 'The header set had expired when it arrived.' });
  });

  test('cannot be changed by one of those who share it', async () => {
    const set = await scene.client().headers('core');
    expect([Object.isFrozen(set), Object.isFrozen(set.headers)]).toEqual([true, true]);
  });
});

describe('a signal', () => {
  test('ends the wait of its own caller alone', async () => {
    const client = scene.client();
    const hold = Promise.withResolvers<void>();
    scene.onBroker((_, response) => void hold.promise.then(() => sendJson(response, headerSet(1))));
    const controller = new AbortController();
    const mine = client.headers('core', { signal: controller.signal });
    const theirs = client.headers('core');
    controller.abort(new Error('enough'));
    await expect(mine).rejects.toThrow('enough');
    hold.resolve();
    expect(keyOf(await theirs)).toBe('key-1');
    expect(scene.broker.received).toHaveLength(1);
  });

  test('that is aborted already asks for nothing', async () => {
    await expect(scene.client().headers('core', { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
    expect(scene.broker.received).toEqual([]);
  });
});

describe('a broker that says to come back later', () => {
  test.each([
    [429, 'too-many-requests'],
    [503, 'upstream-unavailable'],
  ])('with %d is asked again after its Retry-After', async (status, code) => {
    scene.onBroker((_, response) => sendProblem(response, status, code, { 'Retry-After': '3' }));
    const set = scene.client().headers('core');
    await eventually(() => scene.clock.pending() === 2);
    giveNext();
    await scene.clock.advance(2_999);
    expect(scene.broker.received).toHaveLength(1);
    await scene.clock.advance(1);
    expect(keyOf(await set)).toBe('key-1');
  });

  test('for longer than a call waits is an error at once, and is left alone until then', async () => {
    const client = scene.client();
    scene.onBroker((_, response) => sendProblem(response, 429, 'too-many-requests', { 'Retry-After': '30' }));
    expect(await failureOf(client.headers('core'))).toMatchObject({ code: 'too-many-requests', retryAfter: 30 });
    giveNext();
    await scene.clock.advance(10_000);
    expect(await failureOf(client.headers('core'))).toMatchObject({ code: 'too-many-requests', retryAfter: 20 });
    expect(scene.broker.received).toHaveLength(1);
    await scene.clock.advance(12_000);
    const set = client.headers('core');
    await scene.clock.advance(7_999);
    expect(scene.broker.received).toHaveLength(1);
    await scene.clock.advance(1);
    expect(keyOf(await set)).toBe('key-1');
  });

  test('is waited for up to a quarter longer, so that not all whom it told the same come back at once', async () => {
    scene.onBroker((_, response) => sendProblem(response, 503, 'upstream-unavailable', { 'Retry-After': '4' }));
    const random = jest.spyOn(Math, 'random');
    for (const value of [0, 0.5, 1]) random.mockReturnValueOnce(value);
    const sets = [1, 2, 3].map(() => scene.client().headers('core'));
    await eventually(() => scene.broker.received.length === 3 && scene.clock.pending() === 6);
    giveNext();
    for (const [come, waitMs] of [4_000, 500, 500].entries()) {
      await scene.clock.advance(waitMs - 1);
      expect(scene.broker.received).toHaveLength(3 + come);
      await scene.clock.advance(1);
      await eventually(() => scene.broker.received.length === 4 + come);
    }
    await Promise.all(sets);
  });

  test('for an hour is asked again after a minute', async () => {
    const client = scene.client({ waitMs: 0 });
    scene.onBroker((_, response) => sendProblem(response, 503, 'upstream-unavailable', { 'Retry-After': '3600' }));
    await failureOf(client.headers('core'));
    giveNext();
    await scene.clock.advance(60_000);
    expect(keyOf(await client.headers('core'))).toBe('key-1');
  });

  test('again and again is an error once that has taken longer than a call waits', async () => {
    scene.onBroker((_, response) => sendProblem(response, 503, 'upstream-unavailable', { 'Retry-After': '4' }));
    const error = failureOf(scene.client().headers('core'));
    for (let asked = 1; asked <= 2; asked += 1) {
      await eventually(() => scene.broker.received.length === asked && scene.clock.pending() === 2);
      await scene.clock.advance(4_000);
    }
    expect(await error).toMatchObject({ code: 'upstream-unavailable', status: 503, retryAfter: 4 });
    expect(scene.broker.received).toHaveLength(3);
  });

  test('by a date is understood', async () => {
    const date = new Date(scene.clock.wall() + 90_000).toUTCString();
    scene.onBroker((_, response) => response.writeHead(503, { 'Retry-After': date }).end('<html>'));
    expect(await failureOf(scene.client().headers('core'))).toMatchObject({
      code: 'unexpected-answer',
      status: 503,
      retryAfter: 90,
    });
  });
});

describe('a broker that cannot be reached', () => {
  test('is tried again, after twice as long each time', async () => {
    scene.onBroker((_, response) => response.destroy());
    const set = scene.client().headers('core');
    for (const [asked, pauseMs] of [250, 500, 1_000].entries()) {
      await eventually(() => scene.broker.received.length === asked + 1 && scene.clock.pending() === 2);
      await scene.clock.advance(pauseMs - 1);
      expect(scene.broker.received).toHaveLength(asked + 1);
      if (pauseMs === 1_000) giveNext();
      await scene.clock.advance(1);
    }
    expect(keyOf(await set)).toBe('key-1');
  });

  test('is an error that has the cause', async () => {
    scene.onBroker((_, response) => response.destroy());
    const error = await failureOf(scene.client({ waitMs: 0 }).headers('core'));
    expect(error).toMatchObject({ code: 'unreachable', status: undefined, cause: { message: 'fetch failed' } });
  });

  test('or that never answers, is given up', async () => {
    scene.onBroker(() => {});
    const error = failureOf(scene.client({ timeoutMs: 2_000 }).headers('core'));
    await eventually(() => scene.broker.received.length === 1);
    await scene.clock.advance(2_000);
    expect(await error).toMatchObject({ code: 'timeout' });
  });
});

describe('an error', () => {
  test.each([
    [400, 'invalid-request'],
    [401, 'invalid-token'],
    [403, 'forbidden'],
    [500, 'internal-error'],
    [502, 'upstream-rejected'],
  ])('of the broker with %d has its code and request id, and is not tried again', async (status, code) => {
    scene.onBroker((_, response) => sendProblem(response, status, code));
    const error = await failureOf(scene.client().headers('core'));
    expect(error).toMatchObject({ name: 'BrokerError', code, status, requestId: 'a-request', retryAfter: undefined });
    expect(error.message).toBe(`The broker answered ${status}: ${code}. Not so. (request a-request)`);
    expect(scene.broker.received).toHaveLength(1);
  });

  test('of what stands before the broker has no code of the broker’s', async () => {
    scene.onBroker((_, response) => sendProblem(response, 403, 'toString'));
    expect(await failureOf(scene.client().headers('core'))).toMatchObject({ code: 'unexpected-answer', status: 403 });
  });

  test.each([
    ['no JSON', 'text'],
    ['another kind of JSON', 'null'],
    ['no headers', JSON.stringify({ ...headerSet(1), headers: {} })],
    ['headers that are none', JSON.stringify({ ...headerSet(1), headers: { a: 1 } })],
    ['a header that is two', JSON.stringify({ ...headerSet(1), headers: { a: 'key\nb: c' } })],
    ['a header’s name that is none', JSON.stringify({ ...headerSet(1), headers: { 'a b': 'key' } })],
    ['no end', JSON.stringify({ ...headerSet(1), expiresIn: undefined })],
    ['an end that never comes', JSON.stringify(headerSet(1)).replace('"expiresIn":300', '"expiresIn":1e999')],
    ['no end for days', JSON.stringify(headerSet(1, undefined, { expiresIn: 100_000 }))],
    ['a base URL that is none', JSON.stringify({ ...headerSet(1), baseUrl: 'file:///etc' })],
  ])('is thrown for an answer with %s', async (_, body) => {
    scene.onBroker((__, response) => response.writeHead(200).end(body));
    expect(await failureOf(scene.client().headers('core'))).toMatchObject({ code: 'unexpected-answer' });
  });

  test('is thrown for a redirect, and the token goes nowhere', async () => {
    scene.onBroker((_, response) => response.writeHead(307, { Location: `${scene.api.url}/v1/headers/core` }).end());
    scene.onApi((_, response) => sendJson(response, headerSet(1)));
    expect(await failureOf(scene.client().headers('core'))).toMatchObject({ code: 'unexpected-answer', status: 307 });
    expect(scene.api.received).toEqual([]);
  });

  test('is thrown for a credential without a token, and has what the credential threw as its cause', async () => {
    const cause = new Error('not signed in');
    const getToken = () => Promise.reject(cause);
    const error = await failureOf(scene.client({ credential: { getToken } }).headers('core'));
    expect(error).toMatchObject({ code: 'no-token', cause });
    const none = scene.client({ credential: { getToken: () => Promise.resolve(null) } });
    expect(await failureOf(none.headers('core'))).toMatchObject({ code: 'no-token' });
    expect(scene.broker.received).toEqual([]);
  });

  test('is thrown for a credential that throws before it gives a promise', async () => {
    const cause = new Error('not signed in');
    const getToken = () => {
      throw cause;
    };
    const error = await failureOf(scene.client({ credential: { getToken } }).headers('core'));
    expect(error).toMatchObject({ code: 'no-token', cause });
  });

  test('is thrown at once for a token that is no header’s value, and does not tell it', async () => {
    const getToken = () => Promise.resolve({ token: 'canary\nx' });
    const error = await failureOf(scene.client({ credential: { getToken } }).headers('core'));
    expect(error).toMatchObject({ code: 'no-token' });
    expect(inspect(error)).not.toContain('canary');
  });

  test.each(['', 'Core', '..', 'core/../x', 'core?access=x', `a${'b'.repeat(63)}`])(
    'is thrown for an API called %j, and nothing is asked',
    async (api) => {
      expect(await failureOf(scene.client().headers(api))).toMatchObject({ code: 'invalid-argument' });
      expect(scene.broker.received).toEqual([]);
    },
  );
});

describe('options', () => {
  test.each([
    ['no URL', { brokerUrl: 'broker' }],
    ['a URL of something else', { brokerUrl: 'file:///broker' }],
    ['a URL with a password', { brokerUrl: 'https://a:b@broker.test' }],
    ['a URL with a query', { brokerUrl: 'https://broker.test/?code=x' }],
    ['plain HTTP to another machine', { brokerUrl: 'http://broker.test' }],
    ['no credential', { credential: undefined as never }],
    ['a credential of another kind', { credential: {} as never }],
    ['no scope', { scope: '' }],
    ['no time', { timeoutMs: 0 }],
    ['no number', { waitMs: Number.NaN }],
    ['more time than a timer can wait', { timeoutMs: Number.POSITIVE_INFINITY }],
    ['a longer wait than a timer can', { waitMs: 2 ** 31 }],
  ])('with %s are refused at once', (_, options) => {
    expect(() => scene.client(options)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });

  test.each(['https://broker.test', 'https://broker.test/below/', 'http://localhost:7071', 'http://[::1]:7071/'])(
    'may name a broker at %s',
    async (brokerUrl) => {
      const urls: unknown[] = [];
      const client = scene.client({
        brokerUrl,
        fetch: (url) => {
          urls.push(url);
          return Promise.resolve(Response.json(headerSet(1)));
        },
      });
      await client.headers('core');
      expect(urls).toEqual([`${brokerUrl.replace(/\/$/, '')}/v1/headers/core`]);
    },
  );
});
