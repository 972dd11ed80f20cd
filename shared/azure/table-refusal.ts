import { BrokerError } from '../errors.ts';
import type { Operation } from './table-batch.ts';
import type { TableClient } from './table-client.ts';

/** For `catch`: nothing for a refusal with one of these codes ("Table Storage error codes", "Common REST API error codes"). */
export function failUnless(...codes: readonly string[]) {
  return (error: unknown): undefined => {
    const isRefusal = error instanceof BrokerError && error.reason === 'storage-refused';
    if (isRefusal && codes.some((code) => code === error.upstream)) return undefined;
    throw error;
  };
}

/** Submits a transaction, and makes the table where there is none yet. @returns as `submit`. */
export async function submitToNewTable(
  table: TableClient,
  operations: readonly Operation[],
  signal: AbortSignal,
): Promise<string> {
  const etag = await table.submit(operations, signal).catch(failUnless('TableNotFound'));
  if (etag !== undefined) return etag;
  await table.create(signal).catch(failUnless('TableAlreadyExists'));
  return table.submit(operations, signal);
}
