import { beforeAll, describe, expect, test } from '@jest/globals';
import { createClientSecret } from '../../../shared/credentials/client-secret.ts';
import type { StoredSecret } from '../../../shared/credentials/ports.ts';
import { BrokerError } from '../../../shared/errors.ts';
import type { SecretName } from '../../../shared/names.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMemoryStore } from '../../support/memory-ports.ts';

const day = 86_400_000;

/** A client that proves itself with what its vault holds. The certificate ends by the real clock. */
function createFixture(stored: string) {
  const clock = createManualClock({ wall: Date.now() });
  const vault = createMemoryStore({ 'okq8-certificate': stored });
  const warnings: number[] = [];
  const secret = createClientSecret(clock, vault.store, {
    secretName: 'okq8-certificate' as SecretName,
    isCertificate: true,
    upstreamTimeoutMs: () => 3_000,
    onFailure: () => {},
    onExpiring: (days) => void warnings.push(days),
  });
  return { clock, vault, warnings, secret };
}

describe('a client’s certificate', () => {
  let issued: string;
  // Its library takes longer to load than all else here.
  beforeAll(async () => {
    const { issueClientCertificate } = await import('../../../local/stand-ins/certificates.ts');
    issued = (await issueClientCertificate('okq8', 20)).stored;
  });

  test('ends when it says itself, whatever date Key Vault has, and is warned of by that', async () => {
    const { clock, vault, warnings, secret } = createFixture(issued);
    vault.state.expiresOn = clock.wall() + 300 * day;
    const used: StoredSecret = await secret.use(async (each) => each);
    expect(used).toMatchObject({ version: '1', isCertificate: true });
    expect(secret.peek()).toEqual(used);
    expect(used.secret.open()).toBe(issued);
    const daysLeft = (Number(used.expiresOn) - clock.wall()) / day;
    expect([Math.round(daysLeft), warnings]).toEqual([20, [Math.floor(daysLeft)]]);
  });

  test.each([
    ['no PEM', 'secret-1', 'vault-certificate-not-pem'],
    ['no certificate', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', 'vault-certificate-malformed'],
  ])('that is %s is refused before anybody is asked', async (_what, stored, reason) => {
    const { secret } = createFixture(stored);
    let attempts = 0;
    const used = secret.use(async () => void (attempts += 1));
    await expect(used).rejects.toMatchObject({ reason });
    expect(attempts).toBe(0);
  });

  test('that Entra refuses is read again once, as a secret is', async () => {
    const { vault, secret } = createFixture(issued);
    const refuse = () => Promise.reject(new BrokerError('entra-certificate-refused'));
    await expect(secret.use(refuse)).rejects.toMatchObject({ reason: 'entra-certificate-refused' });
    expect(vault.state.reads.get('okq8-certificate')).toBe(2);
  });
});
