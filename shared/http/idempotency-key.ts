import type { HttpRequest } from '@azure/functions';
import { BrokerError } from '../errors.ts';

/** Repeated headers arrive joined with a comma, which no key has. */
export const idempotencyKeyPattern = /^[\w.:-]{1,128}$/;

/**
 * What a client names one request by, so that it can send it again when it does not know what became of it (draft-ietf-httpapi-idempotency-key-header).
 *
 * @throws {BrokerError} `invalid-request` without one.
 */
export function readIdempotencyKey({ headers }: HttpRequest): string {
  const key = headers.get('idempotency-key');
  if (key === null || key === '') throw new BrokerError('idempotency-key-missing');
  if (!idempotencyKeyPattern.test(key)) throw new BrokerError('idempotency-key-malformed');
  return key;
}
