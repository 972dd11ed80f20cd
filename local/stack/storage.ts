import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brokerIdentity } from '../sample.ts';
import { startAzurite } from '../stand-ins/azurite.ts';
import type { Entra } from '../stand-ins/entra/entra.ts';
import { createStorage, storageAccount } from '../stand-ins/storage.ts';
import { serve } from './listen.ts';
import type { Surroundings } from './listen.ts';

/** Starts Azurite's table service and serves it like the other stand-ins. Resolves with the account's URL. */
export async function startStorage(entra: Entra, directory: string, surroundings: Surroundings): Promise<string> {
  const { authority, cleanup } = surroundings;
  const certificate = await writeCertificate(await authority.issue(['127.0.0.1']), directory);
  const azurite = await startAzurite({ service: 'table', directory, certificate });
  cleanup.add(() => azurite.close());
  const storage = createStorage({
    port: azurite.port,
    caPem: authority.caPem,
    verify: (token, audience) => entra.verify(token, audience),
    contributors: [brokerIdentity.objectId],
  });
  cleanup.add(async () => storage.close());
  const { url } = await serve(surroundings, 'storage', storage);
  return `${url}/${storageAccount}`;
}

/** Azurite reads its certificate from files. */
async function writeCertificate(
  { key, cert }: { key: string; cert: string },
  directory: string,
): Promise<{ keyFile: string; certFile: string }> {
  const files = { keyFile: join(directory, 'azurite.key.pem'), certFile: join(directory, 'azurite.cert.pem') };
  await writeFile(files.keyFile, key, { mode: 0o600 });
  await writeFile(files.certFile, cert);
  return files;
}
