import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { afterEach, expect, test } from '@jest/globals';
import { createAuthority } from '../../../local/stand-ins/certificates.ts';
import { createCounts } from '../../../local/stand-ins/counts.ts';
import { createFaults } from '../../../local/stand-ins/faults.ts';
import { serveStandIn } from '../../../local/stand-ins/server.ts';
import type { StandIn } from '../../../local/stand-ins/server.ts';
import { trust } from './trust.ts';

let server: StandIn | undefined;
let distrust: (() => void) | undefined;
afterEach(async () => {
  distrust?.();
  await server?.close();
});

const serve = async (tls: { key: string; cert: string }): Promise<StandIn> => {
  server = await serveStandIn({
    target: 'vault',
    tls,
    faults: createFaults(),
    counts: createCounts(),
    handle: () => ({ status: 204 }),
  });
  return server;
};

test('who trusts the authority reaches a server by address and by name', async () => {
  const authority = await createAuthority();
  const { url, port } = await serve(await authority.issue(['127.0.0.1', 'localhost']));
  distrust = trust(authority.caPem);
  expect((await fetch(url)).status).toBe(204);
  expect((await fetch(`https://localhost:${port}`)).status).toBe(204);
});

test('who does not trust the authority is refused by their own TLS', async () => {
  const authority = await createAuthority();
  const { url } = await serve(await authority.issue(['127.0.0.1']));
  await expect(fetch(url)).rejects.toMatchObject({ cause: { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' } });
});

test('a certificate is good for no host but those it was issued for', async () => {
  const authority = await createAuthority();
  const { port } = await serve(await authority.issue(['my-vault.vault.azure.net']));
  const codeFor = (servername: string): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port, servername, ca: authority.caPem });
      socket.once('secureConnect', () => resolve('connected'));
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    });
  expect(await codeFor('my-vault.vault.azure.net')).toBe('connected');
  expect(await codeFor('other.vault.azure.net')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
});

test('only the authority may sign certificates, and only P-256 keys are used', async () => {
  const created = await createAuthority();
  const authority = new X509Certificate(created.caPem);
  const certificate = new X509Certificate((await created.issue(['127.0.0.1'])).cert);
  expect(authority.ca).toBe(true);
  expect(certificate.ca).toBe(false);
  expect(certificate.checkIssued(authority)).toBe(true);
  expect(certificate.verify(authority.publicKey)).toBe(true);
  expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
});
