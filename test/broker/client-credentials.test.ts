import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { brokerIdentity, tenants } from '../../local/sample.ts';
import { issueClientCertificate } from '../../local/stand-ins/certificates.ts';
import { createDoctor } from '../../shared/broker-doctor.ts';
import type { Config, CredentialConfig } from '../../shared/config/config.ts';
import { loadConfig } from '../../shared/config/load.ts';
import type { SecretName } from '../../shared/names.ts';
import { eventually, startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';
import { allButDate } from '../support/timers.ts';

/** The client okq8 proves itself with something else than a secret, at an Entra that judges it as Entra does. */

type Issued = Awaited<ReturnType<typeof issueClientCertificate>>;

/** Of the stand-in, in milliseconds: a day, as the managed identity’s own. */
const lifeOfIdentityToken = 86_400_000;
const certificateName = 'okq8-certificate';
const certificate: CredentialConfig = { kind: 'certificate', secret: certificateName as SecretName };
const federated: CredentialConfig = { kind: 'federated' };

let on: BrokerOnStack;
let [good, other, old]: Issued[] = [];
beforeAll(async () => {
  on = await startBrokerOnStack();
  [good, other, old] = await Promise.all([365, 365, -1].map((days) => issueClientCertificate('okq8', days)));
});
afterAll(() => on.close());
beforeEach(() => on.steer('/faults', 'DELETE'));

const withCredential = (credential: CredentialConfig) => (config: Config) => ({
  ...config,
  clients: config.clients.map((client) => (client.name === 'okq8' ? { ...client, credential } : client)),
});
const store = (value: string | undefined) => on.steer(`/vault/${certificateName}`, 'POST', { value });
const register = (pem: string | undefined) => on.steer('/entra', 'POST', { certificate: { client: 'okq8', pem } });
const trust = (subject: string, tenant: string = tenants.broker) =>
  on.steer('/entra', 'POST', {
    federated: { client: 'okq8', issuer: `${on.stack.ready().entra}/${tenant}/v2.0`, subject },
  });
const ask = async () => on.headers('payments', { token: await on.token('billing') });
const reasonOf = () => on.lines.findLast(({ event }) => event === 'audit')?.['reason'];
const statusOfClient = async () => {
  const { json } = await on.ask('status', 'v1/status', { token: await on.token('platform') });
  return json.clients.find(({ name }: { name: string }) => name === 'okq8');
};
/** What the doctor finds wrong: check, subject and cause of each. There is no storage. */
const examine = async (credential: CredentialConfig) => {
  const loaded = loadConfig(on.stack.settings);
  const { examine: look } = createDoctor({ ...loaded, config: withCredential(credential)(loaded.config) }, on.clock);
  const findings = await look(new AbortController().signal);
  return findings
    .filter(({ check, verdict }) => verdict === 'fault' && check !== 'storage')
    .map(({ check, subject, cause }) => [check, subject, cause]);
};

describe('a certificate', () => {
  beforeEach(async () => {
    await store(good?.stored);
    await register(good?.cert);
  });

  test('proves the client, and the status tells when it ends by its own date', async () => {
    on.restart(withCredential(certificate));
    expect((await ask()).status).toBe(200);
    const expiresOn = new X509Certificate(good?.cert ?? '').validToDate.toISOString();
    expect(await statusOfClient()).toMatchObject({ credential: 'certificate', secret: { expiresOn } });
  });

  test('that is replaced in Key Vault and at Entra is taken up without a failed request', async () => {
    // Short, because MSAL's assertions go by the real clock.
    await on.steer('/entra', 'POST', { tokenLifetime: '6m' });
    on.restart(withCredential(certificate));
    expect((await ask()).status).toBe(200);
    const { tokens } = await statusOfClient();
    await store(other?.stored);
    await register(other?.cert);
    await on.clock.advance(200_000);
    expect((await ask()).status).toBe(200);
    await eventually(async () => (await statusOfClient()).tokens[0].fingerprint !== tokens[0].fingerprint);
    expect((await statusOfClient()).tokens[0].lastFailure).toBeNull();
  });

  test('that is not registered: 502, and no part of the key is told', async () => {
    await register(other?.cert);
    on.restart(withCredential(certificate));
    const { status, text } = await ask();
    expect({ status, reason: reasonOf() }).toEqual({ status: 502, reason: 'entra-certificate-refused' });
    const [, canary = ''] = /PRIVATE KEY-----\s+(\S+)/.exec(good?.stored ?? '') ?? [];
    expect(canary.length).toBeGreaterThan(40);
    expect(JSON.stringify(on.lines) + text).not.toContain(canary);
  });

  test.each([
    ['PKCS#12', 'MIIKcQIBAzCC', 'vault-certificate-not-pem'],
    ['no key', () => good?.cert, 'vault-certificate-malformed'],
    [
      'the key of another',
      () => `${good?.stored.split('-----BEGIN CERT')[0]}${other?.cert}`,
      'vault-certificate-malformed',
    ],
  ])('that is stored with %s: 502', async (_name, value, reason) => {
    await store(typeof value === 'string' ? value : value());
    on.restart(withCredential(certificate));
    expect({ status: (await ask()).status, reason: reasonOf() }).toEqual({ status: 502, reason });
  });
});

describe('the managed identity', () => {
  test('proves the client that trusts it, with no secret read', async () => {
    await trust(brokerIdentity.objectId);
    on.restart(withCredential(federated));
    await on.steer('/requests', 'DELETE');
    expect((await ask()).status).toBe(200);
    const read = (await on.counts()).filter(({ target, path }) => target === 'vault' && path.includes('client-secret'));
    expect(read).toEqual([]);
    const { credential, secret } = await statusOfClient();
    expect({ credential, secret }).toEqual({
      credential: 'federated',
      secret: { expiresOn: null, daysLeft: null, lastFailure: null },
    });
  });

  test.each([
    ['trusts another identity', () => trust('11111111-2222-4333-8444-555555555555')],
    ['trusts another tenant', () => trust(brokerIdentity.objectId, tenants.partner)],
  ])('of a client that %s: 502', async (_name, plant) => {
    await plant();
    on.restart(withCredential(federated));
    expect({ status: (await ask()).status, reason: reasonOf() }).toEqual({
      status: 502,
      reason: 'entra-federation-missing',
    });
  });
});

describe('the doctor names', () => {
  const inVault = (cause: string) => [['secret', certificateName, cause]];
  test.each([
    ['nothing where all is well', () => good?.stored, () => good?.cert, []],
    ['a certificate that is PKCS#12', () => 'MIIKcQIBAzCC', () => good?.cert, inVault('certificate-not-pem')],
    ['one without its key', () => good?.cert, () => good?.cert, inVault('malformed-certificate')],
    ['one that has expired', () => old?.stored, () => old?.cert, inVault('expired-certificate')],
    ['one that is not registered', () => good?.stored, () => other?.cert, [['client', 'okq8', 'certificate-refused']]],
  ])('%s', async (_name, stored, registered, faults) => {
    await store(stored());
    await register(registered());
    expect(await examine(certificate)).toEqual(faults);
  });

  test('a certificate that is missing', async () => {
    const missing: CredentialConfig = { kind: 'certificate', secret: 'nowhere' as SecretName };
    expect(await examine(missing)).toEqual([['secret', 'nowhere', 'missing-secret']]);
  });

  test('a federated credential that is not configured', async () => {
    await trust('11111111-2222-4333-8444-555555555555');
    expect(await examine(federated)).toEqual([['client', 'okq8', 'missing-federation']]);
    await trust(brokerIdentity.objectId);
    expect(await examine(federated)).toEqual([]);
  });
});

/** Last, since it leaves the machine’s clock behind. */
describe('the managed identity, a day later', () => {
  test('proves the client with a new assertion, once the one before has ended', async () => {
    await trust(brokerIdentity.objectId);
    on.restart(withCredential(federated));
    const before = (await ask()).json.headers.Authorization;
    // Entra takes an assertion for five minutes longer, and refuses it then.
    await on.clock.advance(lifeOfIdentityToken + 301_000);
    // The library of the managed identity goes by the machine's own clock.
    jest.useFakeTimers({ now: on.clock.wall(), doNotFake: [...allButDate] });
    const { status, json } = await ask();
    jest.useRealTimers();
    expect(status).toBe(200);
    expect(json.headers.Authorization).not.toBe(before);
  });
});
