import { startAzurite } from '../stand-ins/azurite.ts';
import { storageAccount } from '../stand-ins/storage.ts';
import type { Cleanup } from './cleanup.ts';

/** Azurite's key, printed in its documentation: the same everywhere, and no secret. */
const accountKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/**
 * Starts the blobs that a Functions host of its own keeps its locks and timers in. Resolves with the connection string for `AzureWebJobsStorage`.
 */
export async function startHostStorage(directory: string, cleanup: Cleanup): Promise<string> {
  const azurite = await startAzurite({ service: 'blob', directory });
  cleanup.add(() => azurite.close());
  const endpoint = `http://127.0.0.1:${azurite.port}/${storageAccount}`;
  return `DefaultEndpointsProtocol=http;AccountName=${storageAccount};AccountKey=${accountKey};BlobEndpoint=${endpoint};`;
}
