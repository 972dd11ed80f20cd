import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brokerIdentity } from '../sample.ts';
import { startAzurite } from '../stand-ins/azurite.ts';
import type { Azurite, AzuriteOptions } from '../stand-ins/azurite.ts';
import type { Entra } from '../stand-ins/entra/entra.ts';
import { createStorage, storageAccount } from '../stand-ins/storage.ts';
import { serve } from './listen.ts';
import type { Surroundings } from './listen.ts';

/** Starts Azurite's table service and serves it like the other stand-ins. Resolves with the account's URL. */
export async function startStorage(entra: Entra, directory: string, surroundings: Surroundings): Promise<string> {
  const { authority, cleanup } = surroundings;
  const azurite = await startSecured('table', directory, surroundings);
  const storage = createStorage({
    service: 'table',
    port: azurite.port,
    caPem: authority.caPem,
    verify: (token, audience) => entra.verify(token, audience),
    contributors: [brokerIdentity.objectId],
  });
  cleanup.add(async () => storage.close());
  const { url } = await serve(surroundings, 'storage', storage);
  return `${url}/${storageAccount}`;
}

/** Starts a service of Azurite's with TLS, as its bearer tokens need it. It ends with the stack. */
export async function startSecured(
  service: AzuriteOptions['service'],
  directory: string,
  { authority, cleanup }: Surroundings,
): Promise<Azurite> {
  const certificate = await writeCertificate(await authority.issue(['127.0.0.1']), join(directory, service));
  const azurite = await startAzurite({ service, directory, certificate });
  cleanup.add(() => azurite.close());
  return azurite;
}

/** Azurite reads its certificate from files. */
async function writeCertificate(
  { key, cert }: { key: string; cert: string },
  path: string,
): Promise<{ keyFile: string; certFile: string }> {
  const files = { keyFile: `${path}.key.pem`, certFile: `${path}.cert.pem` };
  await writeFile(files.keyFile, key, { mode: 0o600 });
  await writeFile(files.certFile, cert);
  return files;
}
