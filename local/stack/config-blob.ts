import { brokerIdentity, callers, tenants } from '../sample.ts';
import type { Entra } from '../stand-ins/entra/entra.ts';
import type { StandInRequest } from '../stand-ins/http.ts';
import { createStorage, storageAccount } from '../stand-ins/storage.ts';
import { serve } from './listen.ts';
import type { Surroundings } from './listen.ts';
import { startSecured } from './storage.ts';

/** The broker's configuration as a blob, for whoever deploys it. What is done here is not counted, and meets no faults. */
export type ConfigBlob = {
  url: string;
  /** Writes it, whatever the text says. */
  put(text: string): Promise<void>;
  remove(): Promise<void>;
};

const container = 'config';
const name = 'broker.config.json';
const resource = 'https://storage.azure.com';

/** Starts Azurite's blob service and serves it like the other stand-ins. The broker's identity may read there; `platform` may write. */
export async function startConfigBlob(
  entra: Entra,
  directory: string,
  surroundings: Surroundings,
): Promise<ConfigBlob> {
  const { authority, cleanup } = surroundings;
  const deployer = callers['platform'];
  if (!deployer) throw new RangeError('The sample has nobody who deploys.');
  const azurite = await startSecured('blob', directory, surroundings);
  const storage = createStorage({
    service: 'blob',
    port: azurite.port,
    caPem: authority.caPem,
    verify: (token, audience) => entra.verify(token, audience),
    contributors: [deployer.objectId],
    readers: [brokerIdentity.objectId],
  });
  cleanup.add(async () => storage.close());
  const { url } = await serve(surroundings, 'storage', storage);
  // Minted once: Azurite goes by the machine's clock, whatever the stack's is moved to.
  const subject = { name: 'deployer', tenantId: tenants.broker, ...deployer, secrets: [], roles: {} };
  const token = await entra.mint({ subject, audience: resource, version: 1, lifetimeMs: 86_400_000 });

  const write = async (method: string, path: string, body = '', type?: string): Promise<void> => {
    const headers = {
      authorization: `Bearer ${token}`,
      'x-ms-version': '2020-12-06',
      ...(type === undefined ? {} : { 'x-ms-blob-type': type }),
    };
    const request = { method, url: new URL(path, url), headers, rawHeaders: [], body: Buffer.from(body), instance: 0 };
    await expectSuccess(await storage.handle(request satisfies StandInRequest));
  };

  const blob = `/${storageAccount}/${container}/${name}`;
  await write('PUT', `/${storageAccount}/${container}?restype=container`);
  return {
    url: `${url}${blob}`,
    put: (text) => write('PUT', blob, text, 'BlockBlob'),
    remove: () => write('DELETE', blob),
  };
}

async function expectSuccess({ status, body }: { status: number; body?: unknown }): Promise<void> {
  if (status >= 300) throw new Error(`The blob service answered ${status}: ${String(body)}`);
}
