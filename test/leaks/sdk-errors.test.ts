import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { findCanaries } from '../../scripts/canaries.ts';
import { clients } from '../../local/sample.ts';
import { createTokenIssuer } from '../../shared/azure/entra.ts';
import { createIdentity } from '../../shared/azure/identity.ts';
import { createKeyPublishers } from '../../shared/azure/key-publisher.ts';
import { createSecretStore } from '../../shared/azure/key-vault.ts';
import { createSigningKeySource } from '../../shared/azure/signing-keys.ts';
import { createTableClient } from '../../shared/azure/table-client.ts';
import { createTokenVerifier } from '../../shared/callers/verify.ts';
import { BrokerError } from '../../shared/errors.ts';
import type { ClientName, Fingerprint, Guid, SecretName } from '../../shared/names.ts';
import { Secret } from '../../shared/secret.ts';
import { createSigner, expected } from '../support/caller-tokens.ts';
import { startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';
import { createTenant } from '../shared/callers/tenant.ts';
import { tellAll } from './told.ts';

const signal = new AbortController().signal;
const secret = new Secret('CANARY0123456789abcdef');
const name = 'okq8-client-secret' as SecretName;
let on: BrokerOnStack;
beforeAll(async () => {
  on = await startBrokerOnStack();
});
afterEach(() => on.steer('/faults', 'DELETE'));
afterAll(() => on.close());

const setting = (key: string) => on.stack.settings[key] ?? '';
const identity = () =>
  createIdentity(on.clock, { clientId: undefined, upstreamTimeoutMs: () => 3_000, onFailure: () => {} });
const vault = () => ({ url: setting('KEY_VAULT_URL'), verifyChallenge: false });

function acquire() {
  const { tenantId = '', clientId = '' } = clients['okq8'] ?? {};
  const client = { name: 'okq8' as ClientName, tenantId: tenantId as Guid, clientId: clientId as Guid };
  const issuer = createTokenIssuer(on.clock, identity(), { authorityHost: setting('AZURE_AUTHORITY_HOST') });
  return issuer.acquire(client, { secret, version: '1' }, 'api://x/.default', signal);
}

const publication = { secret, generation: 2, slot: 'primary', fingerprint: 'AbCdEfGhIj-_' as Fingerprint } as const;

/** What is asked of each upstream, with a secret in the request. */
const questions = {
  identity: () => identity().getToken('https://vault.azure.net/.default'),
  vault: () => createSecretStore(on.clock, identity(), vault()).read(name, signal),
  'vault, with a new key': () =>
    createKeyPublishers(
      { clock: on.clock, credential: identity() },
      vault(),
    )(name).publish({ ...publication, safeUntil: on.clock.wall() }, signal),
  entra: acquire,
  'entra, for its keys': () =>
    createSigningKeySource(on.clock, {
      authorityHost: setting('AZURE_AUTHORITY_HOST'),
      tenantId: expected.tenantId,
    }).fetch(signal),
  storage: () =>
    createTableClient(
      { clock: on.clock, credential: { getToken: async () => ({ token: secret.open(), expiresOnTimestamp: 9e15 }) } },
      { url: 'https://127.0.0.1:1', table: 'rotation' },
    ).get({ PartitionKey: 'a', RowKey: 'b' }, signal),
} satisfies Record<string, () => Promise<unknown>>;

const body = { error: { code: 'x', message: secret.open() }, error_description: secret.open(), access_token: 1 };
const faults: readonly (readonly [string, object])[] = [
  ['a refusal that repeats a secret', { status: 400, body }],
  ['a 401', { status: 401, body, headers: { 'www-authenticate': `Bearer realm="${secret.open()}"` } }],
  ['a 403', { status: 403, body }],
  ['a page of a proxy', { status: 503, body: `<h1>${secret.open()}</h1>`, headers: { 'content-type': 'text/html' } }],
  ['a 200 that is no answer', { status: 200, body: `{"value": ${secret.open()}` }],
  ['a reset', { reset: true }],
];

/** The error, or what was answered all the same. */
const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe.each(Object.entries(questions))('an error of %s', (target, ask) => {
  test.each(faults)('tells nothing of a secret, printed with all its causes, after %s', async (_what, fault) => {
    await on.steer('/faults', 'POST', { target: target.split(',')[0], ...fault });
    const error = await errorOf(ask());
    expect(error).toBeInstanceOf(BrokerError);
    expect(findCanaries(tellAll(error))).toEqual([]);
  });
});

describe('an error of jose', () => {
  test.each([
    ['a signature that is not ours', (token: string) => `${token.slice(0, -8)}AAAAAAAA`],
    ['claims that are none', (token: string) => token.replace(/\.[^.]*\./, '.e30.')],
    ['a header that is none', (token: string) => token.replace(/^[^.]*/, 'e30')],
  ])('tells nothing of a token, printed with all its causes, after %s', async (_what, spoil) => {
    const signer = createSigner('ours');
    const { clock, keys } = createTenant([signer.jwk]);
    const token = signer.forge({ alg: 'RS256', typ: 'JWT', kid: 'ours' }, { uti: secret.open(), sub: secret.open() });
    const error = await errorOf(createTokenVerifier({ clock, keys }, expected).verify(spoil(token), signal));
    expect(error).toBeInstanceOf(BrokerError);
    expect(findCanaries(tellAll(error))).toEqual([]);
  });
});

test('what is searched so is everything: a secret in a cause of a cause is found', () => {
  const deep = Object.assign(new Error('deep'), { request: { body: new TextEncoder().encode(secret.open()) } });
  const error = new BrokerError('vault-unavailable', { cause: new Error('middle', { cause: deep }) });
  expect(findCanaries(tellAll(error))).not.toEqual([]);
});
