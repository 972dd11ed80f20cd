import { Agent } from 'node:https';
import { ManagedIdentityCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createCounts } from '../../../../local/stand-ins/counts.ts';
import { createFaults } from '../../../../local/stand-ins/faults.ts';
import { createIdentity, identityPath } from '../../../../local/stand-ins/identity.ts';
import { serveStandIn } from '../../../../local/stand-ins/server.ts';
import type { StandIn } from '../../../../local/stand-ins/server.ts';
import { identity } from '../directory.ts';
import { setEnvironment } from '../environment.ts';
import { serveVault, vaultHost } from './served-vault.ts';
import type { ServedVault } from './served-vault.ts';

// Once for all: MSAL remembers the endpoint and the tokens of managed identities per process.
let served: ServedVault;
let identityServer: StandIn;
let restore: () => void;
let client: SecretClient;
let name: string;
let count = 0;
beforeAll(async () => {
  served = await serveVault();
  const header = 'CANARY1de47177';
  const endpoint = createIdentity({ entra: served.entra, header, identities: [identity] });
  identityServer = await serveStandIn({
    target: 'identity',
    faults: createFaults(),
    counts: createCounts(),
    handle: (request) => endpoint.handle(request),
  });
  restore = setEnvironment({ IDENTITY_ENDPOINT: identityServer.url + identityPath, IDENTITY_HEADER: header });
  client = newClient();
});
beforeEach(() => {
  name = `secret-${(count += 1)}`;
});
afterAll(async () => {
  restore();
  await served.close();
  await identityServer.close();
});

const newClient = (): SecretClient =>
  new SecretClient(served.server.url, new ManagedIdentityCredential(), {
    disableChallengeResourceVerification: true,
    retryOptions: { maxRetries: 0 },
  });

async function collect<T>(lines: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

describe('SecretClient with ManagedIdentityCredential', () => {
  test('answers the challenge once, then reads with its token', async () => {
    served.vault.seed(name, 'CANARYvalue');
    served.counts.reset();
    const fresh = newClient();
    expect((await fresh.getSecret(name)).value).toBe('CANARYvalue');
    await fresh.getSecret(name);
    expect(served.counts.list().map(({ status, count: times }) => [status, times])).toEqual([
      [401, 1],
      [200, 2],
    ]);
  });

  test('verifies the challenge of a vault that it reaches by a name of Azure’s', async () => {
    served.vault.seed(name, 'CANARYvalue');
    const agent = new Agent({ lookup: (_host, _options, found) => found(null, [{ address: '127.0.0.1', family: 4 }]) });
    const pinned = new SecretClient(`https://${vaultHost}:${served.server.port}`, new ManagedIdentityCredential(), {
      additionalPolicies: [
        {
          position: 'perCall',
          policy: {
            name: 'pinnedLookup',
            sendRequest: (request, next) => {
              request.agent = agent;
              return next(request);
            },
          },
        },
      ],
    });
    expect((await pinned.getSecret(name)).properties.vaultUrl).toBe(`https://${vaultHost}:${served.server.port}`);
    agent.destroy();
  });

  test('does not trust the challenge of a vault that is elsewhere', async () => {
    const elsewhere = new SecretClient(served.server.url, new ManagedIdentityCredential());
    await expect(elsewhere.getSecret(name)).rejects.toThrow(
      "The challenge resource 'vault.azure.net' does not match the requested domain",
    );
  });

  test('writes a version with all that it can have, and reads it back', async () => {
    const expiresOn = new Date('2030-01-01T00:00:00Z');
    const notBefore = new Date('2020-01-01T00:00:00Z');
    const set = await client.setSecret(name, 'CANARY1', {
      tags: { slot: 'primary' },
      contentType: 'text/plain',
      expiresOn,
      notBefore,
    });
    const got = await client.getSecret(name);
    expect(got).toEqual(set);
    expect(got.properties).toMatchObject({
      enabled: true,
      tags: { slot: 'primary' },
      contentType: 'text/plain',
      expiresOn,
      notBefore,
      recoveryLevel: 'Recoverable+Purgeable',
      recoverableDays: 90,
      vaultUrl: served.server.url,
      version: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });

  test('makes a new version with every write, even of the same value, and reads any of them', async () => {
    const first = await client.setSecret(name, 'CANARY1', { tags: { generation: '1' } });
    const second = await client.setSecret(name, 'CANARY1');
    expect(second.properties.version).not.toBe(first.properties.version);
    const { properties } = await client.getSecret(name);
    expect([properties.version, properties.tags]).toEqual([second.properties.version, undefined]);
    const older = await client.getSecret(name, { version: first.properties.version ?? '' });
    expect(older.properties.tags).toEqual({ generation: '1' });
  });

  test('reads a secret outside its time', async () => {
    await client.setSecret(name, 'CANARY1', { expiresOn: new Date('2020-01-01T00:00:00Z') });
    expect((await client.getSecret(name)).value).toBe('CANARY1');
  });

  test('changes tags as a whole and attributes one by one, with no new version', async () => {
    const { properties } = await client.setSecret(name, 'CANARY1', { tags: { a: '1', b: '2' }, contentType: 'x' });
    const updated = await client.updateSecretProperties(name, properties.version ?? '', {
      tags: { c: '3' },
      expiresOn: new Date('2030-01-01T00:00:00Z'),
    });
    expect(updated).toMatchObject({ version: properties.version, tags: { c: '3' }, contentType: 'x', enabled: true });
    expect((await client.getSecret(name)).properties).toMatchObject({
      tags: { c: '3' },
      expiresOn: new Date('2030-01-01T00:00:00Z'),
    });
    expect(await collect(client.listPropertiesOfSecretVersions(name))).toHaveLength(1);
  });

  test('changes the newest version when none is named', async () => {
    await client.setSecret(name, 'CANARY1');
    const newest = await client.setSecret(name, 'CANARY2');
    const updated = await client.updateSecretProperties(name, '', { tags: { c: '3' } });
    expect(updated.version).toBe(newest.properties.version);
  });

  test('is refused a disabled version, the newest included, and can enable it again', async () => {
    const first = await client.setSecret(name, 'CANARY1');
    const second = await client.setSecret(name, 'CANARY2', { enabled: false });
    const refusal = {
      statusCode: 403,
      code: 'Forbidden',
      details: { error: { innerError: { code: 'SecretDisabled' } } },
    };
    await expect(client.getSecret(name)).rejects.toMatchObject(refusal);
    await expect(client.getSecret(name, { version: second.properties.version ?? '' })).rejects.toMatchObject(refusal);
    expect((await client.getSecret(name, { version: first.properties.version ?? '' })).value).toBe('CANARY1');
    await client.updateSecretProperties(name, second.properties.version ?? '', { enabled: true });
    expect((await client.getSecret(name)).value).toBe('CANARY2');
  });

  test('lists every version over all pages, 25 at a time, in no order of time', async () => {
    for (let version = 0; version < 75; version += 1)
      served.vault.seed(name, `CANARY${version}`, { tags: { version: String(version) } });
    served.counts.reset();
    const versions = await collect(client.listPropertiesOfSecretVersions(name));
    expect(new Set(versions.map(({ tags }) => tags?.['version'])).size).toBe(75);
    expect(served.counts.list()).toMatchObject([{ status: 200, count: 3 }]);
    const ids = versions.map(({ version = '' }) => version);
    expect(ids).toEqual(ids.toSorted());
  });

  test('lists the secrets over all pages, by name, without those that are deleted', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `listed-${String(index).padStart(2, '0')}`);
    for (const each of names) served.vault.seed(each, 'CANARY1', { tags: { of: each } });
    await client.beginDeleteSecret('listed-07', { intervalInMs: 1 });
    const listed = (await collect(client.listPropertiesOfSecrets())).filter((each) => each.name.startsWith('listed-'));
    expect(listed.map((each) => each.name)).toEqual(names.filter((each) => each !== 'listed-07'));
    expect(listed[0]?.tags).toEqual({ of: 'listed-00' });
    expect((await collect(client.listDeletedSecrets())).map((each) => each.name)).toContain('listed-07');
  });

  test('deletes softly: read, written and listed no more, and recovered with all its versions', async () => {
    await client.setSecret(name, 'CANARY1');
    await client.setSecret(name, 'CANARY2');
    const deleted = await (await client.beginDeleteSecret(name, { intervalInMs: 1 })).pollUntilDone();
    expect(deleted.properties.recoveryId).toBe(`${served.server.url}/deletedsecrets/${name}`);
    expect(deleted.properties.scheduledPurgeDate?.getTime()).toBe(
      (deleted.properties.deletedOn?.getTime() ?? 0) + 90 * 86_400_000,
    );
    await expect(client.getSecret(name)).rejects.toMatchObject({ statusCode: 404, code: 'SecretNotFound' });
    await expect(client.setSecret(name, 'CANARY3')).rejects.toMatchObject({
      statusCode: 409,
      code: 'Conflict',
      details: { error: { innerError: { code: 'ObjectIsDeletedButRecoverable' } } },
    });
    expect((await client.getDeletedSecret(name)).value).toBeUndefined();
    await (await client.beginRecoverDeletedSecret(name, { intervalInMs: 1 })).pollUntilDone();
    expect((await client.getSecret(name)).value).toBe('CANARY2');
    expect(await collect(client.listPropertiesOfSecretVersions(name))).toHaveLength(2);
  });

  test('purges for good, and may use the name again', async () => {
    const first = await client.setSecret(name, 'CANARY1');
    await (await client.beginDeleteSecret(name, { intervalInMs: 1 })).pollUntilDone();
    await client.purgeDeletedSecret(name);
    await expect(client.getDeletedSecret(name)).rejects.toMatchObject({ statusCode: 404, code: 'SecretNotFound' });
    await client.setSecret(name, 'CANARY2');
    await expect(client.getSecret(name, { version: first.properties.version ?? '' })).rejects.toMatchObject({
      statusCode: 404,
    });
  });

  test('is throttled by a fault, with Retry-After', async () => {
    served.vault.seed(name, 'CANARY1');
    served.faults.add({
      target: 'vault',
      status: 429,
      headers: { 'Retry-After': '10' },
      body: {
        error: { code: 'Throttled', message: 'Request was not processed because too many requests were received.' },
      },
    });
    const refused = await newClient()
      .getSecret(name)
      .catch((error: unknown) => error);
    served.faults.lift();
    expect(refused).toMatchObject({ statusCode: 429, code: 'Throttled' });
  });
});
