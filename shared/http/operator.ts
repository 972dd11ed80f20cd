import type { HttpRequest } from '@azure/functions';
import type { Operator } from '../callers/operator.ts';
import type { AuditFacts } from '../telemetry/audit.ts';

/**
 * Tells which operator asks, and notes it.
 *
 * @param need `write` for whatever changes something.
 * @throws {BrokerError} 400, 401, 403 without the app role, 429, or 503 without the tenant's keys.
 */
export type AuthenticateOperator = (
  request: HttpRequest,
  need: 'read' | 'write',
  facts: AuditFacts,
  signal: AbortSignal,
) => Promise<Operator>;
