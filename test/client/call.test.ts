import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { CallInit } from '../../client/main.ts';
import { eventually } from '../support/broker-on-stack.ts';
import type { Received } from '../support/call-host.ts';
import { headerSet, openScene, sendJson, sendProblem, type Scene } from './scene.ts';

let scene: Scene;
/** The key that the API takes. */
let goodKey: string;
/** What a report brings; `undefined` for the status of a broker that has no such route. */
let replacement: object | undefined;

const keyOf = ({ headers }: Received) => headers['ocp-apim-subscription-key'];
const reports = () => scene.broker.received.filter(({ path }) => path.includes('/rejections'));
const baseUrl = () => `${scene.api.url}/core`;
const refusal = 'Access denied due to invalid subscription key.';

beforeEach(async () => {
  scene = await openScene();
  goodKey = 'key-1';
  replacement = headerSet(2, baseUrl());
  scene.onBroker(({ path }, response) => {
    if (!path.includes('/rejections')) return sendJson(response, headerSet(1, baseUrl()));
    return replacement ? sendJson(response, replacement) : sendProblem(response, 404, 'not-found');
  });
  scene.onApi((request, response) => {
    if (keyOf(request) === goodKey) response.end('from the API');
    else response.writeHead(401, { 'X-Api': 'yes' }).end(refusal);
  });
});
afterEach(() => scene.close());

describe('a call', () => {
  test('goes to the API’s base URL with its headers and its own', async () => {
    const response = await scene.client().fetch('core', '/orders?state=open', {
      method: 'PUT',
      headers: { 'X-Own': 'own', 'ocp-apim-subscription-key': 'another' },
      body: 'text',
      access: 'put',
    });
    expect([response.status, await response.text()]).toEqual([200, 'from the API']);
    expect(scene.broker.received.map(({ path }) => path)).toEqual(['/v1/headers/core?access=put']);
    expect(scene.api.received).toMatchObject([
      {
        method: 'PUT',
        path: '/core/orders?state=open',
        headers: { 'x-own': 'own', 'ocp-apim-subscription-key': 'key-1' },
        body: 'text',
      },
    ]);
  });

  test('whose path leaves the base URL is sent to nobody', async () => {
    await expect(scene.client().fetch('core', '/../payments')).rejects.toMatchObject({ code: 'path-refused' });
    expect(scene.api.received).toEqual([]);
  });

  test.each([200, 204, 304, 400, 403, 404, 429, 500, 503])('answered with %d is answered with that', async (status) => {
    scene.onApi((_, response) => response.writeHead(status, { 'Retry-After': '1' }).end());
    const response = await scene.client().fetch('core', '/');
    expect([response.status, response.headers.get('Retry-After')]).toEqual([status, '1']);
    expect([scene.api.received, reports()]).toMatchObject([[{}], []]);
  });

  test('that the API does not answer fails as fetch does', async () => {
    scene.onApi((_, response) => response.destroy());
    await expect(scene.client().fetch('core', '/')).rejects.toThrow('fetch failed');
  });

  test('ends when its signal says so, before the API and while it waits for the broker', async () => {
    const client = scene.client();
    scene.onApi(() => {});
    const controller = new AbortController();
    const calling = client.fetch('core', '/', { signal: controller.signal });
    await eventually(() => scene.api.received.length === 1);
    controller.abort(new Error('enough'));
    await expect(calling).rejects.toThrow('enough');
    const aborted = AbortSignal.abort(new Error('before'));
    await expect(scene.client().fetch('core', '/', { signal: aborted })).rejects.toThrow('before');
  });
});

describe('a call that the API refuses with 401', () => {
  beforeEach(() => {
    goodKey = 'key-2';
  });

  test('is reported with the beginning of the answer, and sent once more with what the broker gives', async () => {
    const response = await scene.client().fetch('core', '/ping', { access: 'get' });
    expect([response.status, await response.text()]).toEqual([200, 'from the API']);
    expect(scene.api.received.map(keyOf)).toEqual(['key-1', 'key-2']);
    expect(reports()).toMatchObject([
      {
        method: 'POST',
        path: '/v1/headers/core/rejections?access=get',
        headers: { 'content-type': 'application/json' },
      },
    ]);
    expect(JSON.parse(reports()[0]?.body ?? '')).toEqual({ id: headerSet(1).id, status: 401, body: refusal });
  });

  test('makes the set that the broker gave the current one', async () => {
    const client = scene.client();
    await client.fetch('core', '/');
    await client.fetch('core', '/');
    expect(scene.api.received.map(keyOf)).toEqual(['key-1', 'key-2', 'key-2']);
    expect((await client.headers('core')).id).toBe(headerSet(2).id);
  });

  test('is sent once more and no oftener', async () => {
    goodKey = 'none';
    const response = await scene.client().fetch('core', '/');
    expect([response.status, await response.text()]).toEqual([401, refusal]);
    expect(scene.api.received).toHaveLength(2);
    expect(reports()).toHaveLength(1);
  });

  test('is reported once by all that were refused with one set', async () => {
    const client = scene.client();
    await client.headers('core');
    const responses = await Promise.all(Array.from({ length: 50 }, () => client.fetch('core', '/')));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    expect(reports()).toHaveLength(1);
  });

  test('too late to be news is sent once more with the current set, and not reported', async () => {
    const client = scene.client();
    const late = Promise.withResolvers<void>();
    scene.onApi((request, response) => {
      const status = keyOf(request) === goodKey ? 200 : 401;
      if (request.path === '/core/late' && status === 401) void late.promise.then(() => response.writeHead(401).end());
      else response.writeHead(status).end();
    });
    const calling = client.fetch('core', '/late');
    await eventually(() => scene.api.received.length === 1);
    expect((await client.fetch('core', '/')).status).toBe(200);
    // By now it is forgotten which report brought the current set.
    await scene.clock.advance(20_000);
    late.resolve();
    expect((await calling).status).toBe(200);
    expect(reports()).toHaveLength(1);
  });

  test('is reported where the current set has another id, and the same headers', async () => {
    const client = scene.client();
    const late = Promise.withResolvers<void>();
    let ids = 0;
    scene.onBroker(({ path }, response) => {
      if (path.includes('/rejections')) sendJson(response, headerSet(2, baseUrl()));
      else sendJson(response, headerSet(1, baseUrl(), { id: `hs_another-id-${(ids += 1)}` }));
    });
    scene.onApi((request, response) => {
      if (keyOf(request) === goodKey) response.end();
      else void late.promise.then(() => response.writeHead(401).end());
    });
    const calling = client.fetch('core', '/');
    await eventually(() => scene.api.received.length === 1);
    await scene.clock.advance(150_000);
    const { id } = await client.headers('core');
    await eventually(async () => (await client.headers('core')).id !== id);
    late.resolve();
    expect((await calling).status).toBe(200);
    expect(reports()).toHaveLength(1);
  });

  test('is sent once more with the same headers where the broker has no others, and not reported again for 10 s', async () => {
    const client = scene.client();
    replacement = headerSet(1, baseUrl(), { id: 'hs_of-the-same-keys' });
    expect((await client.fetch('core', '/')).status).toBe(401);
    expect(scene.api.received).toHaveLength(2);
    await scene.clock.advance(9_999);
    expect((await client.fetch('core', '/')).status).toBe(401);
    expect([scene.api.received.length, reports().length]).toEqual([3, 1]);
    await scene.clock.advance(1);
    replacement = headerSet(2, baseUrl());
    expect((await client.fetch('core', '/')).status).toBe(200);
    expect([scene.api.received.length, reports().length]).toEqual([5, 2]);
  });

  test('gets what the report brought, also where an older set arrives after it', async () => {
    const client = scene.client();
    await client.headers('core');
    await scene.clock.advance(150_000);
    const late = Promise.withResolvers<void>();
    scene.onBroker(({ path }, response) => {
      if (path.includes('/rejections')) sendJson(response, headerSet(2, baseUrl()));
      else void late.promise.then(() => sendJson(response, headerSet(1, baseUrl())));
    });
    await client.headers('core');
    expect((await client.fetch('core', '/')).status).toBe(200);
    late.resolve();
    await eventually(() => scene.broker.received.length === 3 && scene.clock.pending() === 0);
    expect((await client.fetch('core', '/')).status).toBe(200);
    expect(scene.api.received.map(keyOf)).toEqual(['key-1', 'key-2', 'key-2']);
    expect(reports()).toHaveLength(1);
  });

  test.each([403, 404, 500, 503])(
    'keeps the API’s answer where the broker answers %d to the report',
    async (status) => {
      scene.onBroker(({ path }, response) => {
        if (path.includes('/rejections')) sendProblem(response, status, 'not-found', { 'Retry-After': '60' });
        else sendJson(response, headerSet(1, baseUrl()));
      });
      const response = await scene.client().fetch('core', '/');
      expect([response.status, response.headers.get('X-Api'), await response.text()]).toEqual([401, 'yes', refusal]);
      expect(scene.api.received).toHaveLength(1);
    },
  );

  test.each([
    [5_000, 4_096],
    [4_096, 4_096],
    [0, 0],
  ])('with %d characters is reported with %d of them', async (length, sent) => {
    replacement = undefined;
    scene.onApi((_, response) => response.writeHead(401).end('å'.repeat(length)));
    const response = await scene.client().fetch('core', '/');
    expect(await response.text()).toHaveLength(length);
    expect(JSON.parse(reports()[0]?.body ?? '').body).toBe('å'.repeat(sent));
  });

  test('and whose answer never ends is reported, and sent once more', async () => {
    scene.onApi((request, response) => {
      if (keyOf(request) === goodKey) response.end();
      else response.writeHead(401).write('x'.repeat(5_000));
    });
    expect((await scene.client().fetch('core', '/')).status).toBe(200);
  });

  test('and whose answer stands still is reported after a second with what there was', async () => {
    scene.onApi((request, response) => {
      if (keyOf(request) === goodKey) response.end();
      else response.writeHead(401).write(refusal);
    });
    const response = scene.client().fetch('core', '/');
    await eventually(() => scene.api.received.length === 1);
    await eventually(async () => {
      await scene.clock.advance(10);
      return reports().length === 1;
    });
    expect((await response).status).toBe(200);
    expect(JSON.parse(reports()[0]?.body ?? '').body).toBe(refusal);
  });

  test('is sent once more with headers that can be read only once', async () => {
    const headers = new Map([['X-Own', 'own']]).entries();
    expect((await scene.client().fetch('core', '/', { headers: headers as never })).status).toBe(200);
    expect(scene.api.received.map((request) => request.headers['x-own'])).toEqual(['own', 'own']);
  });

  test('is not sent once more with a set that has expired', async () => {
    replacement = headerSet(2, baseUrl(), { expiresIn: 0 });
    expect((await scene.client().fetch('core', '/')).status).toBe(401);
    expect(scene.api.received).toHaveLength(1);
  });

  const form = new FormData();
  form.set('a', 'text');
  const bodies: [string, NonNullable<CallInit['body']>, RegExp][] = [
    ['a string', 'text', /^text$/],
    ['a Buffer', Buffer.from('text'), /^text$/],
    ['an ArrayBuffer', new TextEncoder().encode('text').buffer, /^text$/],
    ['URLSearchParams', new URLSearchParams({ a: 'text' }), /^a=text$/],
    ['FormData', form, /name="a"\r\n\r\ntext\r\n/],
    ['a Blob', new Blob(['text']), /^text$/],
  ];
  test.each(bodies)('is sent once more with the same body: %s', async (_, body, sent) => {
    expect((await scene.client().fetch('core', '/', { method: 'POST', body })).status).toBe(200);
    expect(scene.api.received).toHaveLength(2);
    for (const received of scene.api.received) {
      expect(received.method).toBe('POST');
      expect(received.body).toMatch(sent);
    }
  });

  async function* parts() {
    yield await Promise.resolve(new TextEncoder().encode('text'));
  }
  const streams: [string, () => NonNullable<CallInit['body']>][] = [
    ['a stream', () => new Blob(['text']).stream()],
    ['an iterator', () => parts()],
  ];
  test.each(streams)('is reported and not sent once more with %s, which is gone', async (_, stream) => {
    const client = scene.client();
    const response = await client.fetch('core', '/', { method: 'POST', body: stream(), duplex: 'half' });
    expect([response.status, await response.text()]).toEqual([401, refusal]);
    expect([scene.api.received.length, reports().length]).toEqual([1, 1]);
    expect((await client.fetch('core', '/')).status).toBe(200);
  });

  test('ends its wait for the broker when its signal says so, and the report goes on', async () => {
    const client = scene.client();
    const late = Promise.withResolvers<void>();
    scene.onBroker(({ path }, response) => {
      if (path.includes('/rejections')) void late.promise.then(() => sendJson(response, headerSet(2, baseUrl())));
      else sendJson(response, headerSet(1, baseUrl()));
    });
    const controller = new AbortController();
    const mine = client.fetch('core', '/', { signal: controller.signal });
    const theirs = client.fetch('core', '/');
    await eventually(() => reports().length === 1 && scene.api.received.length === 2);
    controller.abort(new Error('enough'));
    await expect(mine).rejects.toThrow('enough');
    late.resolve();
    expect((await theirs).status).toBe(200);
    expect(reports()).toHaveLength(1);
  });
});

describe('a redirect', () => {
  /** Answers `/core/from` with a redirect, and everything else with what was asked for. */
  const redirectTo = (status: number, location: string) =>
    scene.onApi(({ path, method }, response) => {
      if (path === '/core/from') response.writeHead(status, { Location: location }).end();
      else response.end(`${method} ${path}`);
    });

  test.each([
    [301, 'GET', 'GET'],
    [302, 'HEAD', 'HEAD'],
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [302, 'PUT', 'PUT'],
    [303, 'POST', 'GET'],
    [303, 'DELETE', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [307, 'POST', 'POST'],
    [308, 'PATCH', 'PATCH'],
  ])('%d of a %s within the API’s origin is followed with the headers, by a %s', async (status, method, then) => {
    redirectTo(status, '/elsewhere?a=b#c');
    const body = /GET|HEAD/.test(method) ? {} : { body: 'text' };
    const response = await scene
      .client()
      .fetch('core', 'from', { method, headers: { 'X-Own': 'own', 'Content-Type': 'text/own' }, ...body });
    expect(response.status).toBe(200);
    expect(scene.api.received).toHaveLength(2);
    expect(scene.api.received[1]).toMatchObject({
      method: then,
      path: '/elsewhere?a=b',
      headers: { 'ocp-apim-subscription-key': 'key-1', 'x-own': 'own' },
      body: then === method ? (body.body ?? '') : '',
    });
    expect(scene.api.received[1]?.headers['content-type']).toBe(then === method ? 'text/own' : undefined);
  });

  test.each([301, 302, 303, 307, 308])('%d to another origin is returned, and not followed', async (status) => {
    const other = scene.broker.url;
    redirectTo(status, `${other}/stolen`);
    const response = await scene.client().fetch('core', 'from');
    expect([response.status, response.headers.get('Location')]).toEqual([status, `${other}/stolen`]);
    expect(scene.broker.received.map(({ path }) => path)).toEqual(['/v1/headers/core']);
  });

  test.each([
    '//other.test/',
    'http://a:b@127.0.0.1/',
    'https://127.0.0.1/',
    'ftp://other.test',
    'http://[',
    undefined,
  ])('to %s is returned, and not followed', async (location) => {
    scene.onApi((_, response) => response.writeHead(302, location === undefined ? {} : { Location: location }).end());
    expect((await scene.client().fetch('core', 'from')).status).toBe(302);
    expect(scene.api.received).toHaveLength(1);
  });

  test('without an end is followed ten times', async () => {
    redirectTo(302, '/core/from');
    expect((await scene.client().fetch('core', 'from')).status).toBe(302);
    expect(scene.api.received).toHaveLength(11);
  });

  test('is returned to whoever wants to follow it, and an error for whoever wants none', async () => {
    redirectTo(302, '/elsewhere');
    const client = scene.client();
    expect((await client.fetch('core', 'from', { redirect: 'manual' })).status).toBe(302);
    await expect(client.fetch('core', 'from', { redirect: 'error' })).rejects.toThrow('fetch failed');
    expect(scene.api.received.map(({ path }) => path)).toEqual(['/core/from', '/core/from']);
  });

  test('of a stream that would have to be sent again is returned', async () => {
    redirectTo(307, '/elsewhere');
    const init: CallInit = { method: 'POST', body: new Blob(['text']).stream(), duplex: 'half' };
    expect((await scene.client().fetch('core', 'from', init)).status).toBe(307);
  });

  test('and then a 401 repeats what was refused, and not what was redirected', async () => {
    scene.onApi((request, response) => {
      if (request.path === '/core/from') response.writeHead(303, { Location: '/core/to' }).end();
      else response.writeHead(keyOf(request) === 'key-2' ? 200 : 401).end();
    });
    expect((await scene.client().fetch('core', 'from', { method: 'POST', body: 'once' })).status).toBe(200);
    expect(scene.api.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /core/from',
      'GET /core/to',
      'GET /core/to',
    ]);
  });
});
