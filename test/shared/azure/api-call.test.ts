import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createAuthority } from '../../../local/stand-ins/certificates.ts';
import { callApi } from '../../../shared/azure/api-call.ts';
import { Secret } from '../../../shared/secret.ts';
import { trust } from '../../local/stand-ins/trust.ts';

/** An API with TLS, whose certificate is of an authority that is trusted or not: as the one that `NODE_EXTRA_CA_CERTS` names is. */

const signal = new AbortController().signal;
let authority: Awaited<ReturnType<typeof createAuthority>>;
let server: https.Server;
let elsewhere: https.Server;
const received: string[] = [];
beforeAll(async () => {
  authority = await createAuthority();
  const serve = async (name: string) => {
    const started = https.createServer(await authority.issue([name]), (request, response) => {
      received.push(String(request.headers['ocp-apim-subscription-key']));
      response.end('good');
    });
    await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
    return started;
  };
  [server, elsewhere] = await Promise.all([serve('127.0.0.1'), serve('api.example')]);
});
afterAll(() => {
  for (const each of [server, elsewhere]) each.close();
});

const call = (to: https.Server) =>
  callApi(
    {
      url: new URL(`https://127.0.0.1:${(to.address() as AddressInfo).port}/x`),
      method: 'GET',
      // A connection that was kept would be asked for no certificate again.
      headers: [['connection', 'close']],
      credentials: [{ name: 'Ocp-Apim-Subscription-Key', value: new Secret('k'.repeat(32)) }],
      body: new Uint8Array(),
    },
    signal,
  );

describe('an API whose certificate is', () => {
  test('of an authority that nobody vouches for is unavailable, and is sent nothing', async () => {
    received.length = 0;
    await expect(call(server)).rejects.toMatchObject({ code: 'upstream-unavailable', reason: 'api-unavailable' });
    expect(received).toEqual([]);
  });

  test('of a trusted authority is called', async () => {
    const distrust = trust(authority.caPem);
    const answer = await call(server).finally(distrust);
    expect([answer.status, Buffer.from(answer.body).toString()]).toEqual([200, 'good']);
  });

  test('another host’s is unavailable, and is sent nothing', async () => {
    received.length = 0;
    const distrust = trust(authority.caPem);
    await expect(call(elsewhere).finally(distrust)).rejects.toMatchObject({ reason: 'api-unavailable' });
    expect(received).toEqual([]);
  });
});
