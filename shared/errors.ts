import type { UpstreamError } from './upstream-error.ts';

/**
 * Every way in which the broker says no, as code and reasons. The code is public (`docs/problems.md`); the reason is for audit records and
 * logs, and reaches a caller only as one of the fixed sentences of `http/problems.ts`.
 */
export const reasonsByCode = {
  'invalid-request': [
    'authorization-repeated',
    'query-unknown',
    'query-repeated',
    'api-malformed',
    'access-unknown',
    'call-path-refused',
    'call-body-too-long',
    'content-type-unsupported',
    'body-too-long',
    'report-too-long',
    'body-malformed',
    'report-malformed',
    'options-malformed',
    'idempotency-key-missing',
    'idempotency-key-malformed',
    'not-confirmed',
    'audit-query-malformed',
  ],
  unsupported: [
    'agent-unsupported',
    'scopes-unsupported',
    'app-token-unsupported',
    'tenant-unsupported',
    'claims-unsupported',
    'proof-unsupported',
    'call-options-unsupported',
    'option-unsupported',
    'key-alone',
  ],
  'missing-token': ['token-missing', 'scheme-unsupported'],
  'invalid-token': [
    'token-malformed',
    'token-too-long',
    'token-header',
    'signing-key-unknown',
    'signature',
    'claims-malformed',
    'issuer',
    'tenant',
    'audience',
    'token-version',
    'not-app-only',
    'expired',
    'not-yet-valid',
    'principal-malformed',
  ],
  forbidden: [
    'caller-unknown',
    'role-missing',
    'api-unknown',
    'api-not-allowed',
    'headers-not-allowed',
    'call-not-allowed',
    'cross-site',
  ],
  'foreign-header-set': ['set-foreign'],
  'not-found': ['route-unknown', 'api-not-offered', 'subscription-unknown', 'audit-in-log'],
  'method-not-allowed': ['method-unsupported'],
  conflict: [
    'cycle-under-way',
    'already-so',
    'not-draining',
    'not-settled',
    'no-record',
    'not-rotated',
    'idempotency-key-reused',
  ],
  'too-many-requests': ['rate-limit'],
  'internal-error': ['unexpected', 'misconfigured', 'config-refused'],
  'upstream-rejected': [
    'entra-secret-wrong',
    'entra-secret-expired',
    'entra-certificate-refused',
    'entra-federation-missing',
    'entra-client-unknown',
    'entra-tenant-unknown',
    'entra-scope-refused',
    'entra-refused',
    'entra-answer-malformed',
    'vault-secret-missing',
    'vault-secret-disabled',
    'vault-secret-malformed',
    'vault-certificate-not-pem',
    'vault-certificate-malformed',
    'vault-forbidden',
    'vault-refused',
    'identity-refused',
    'authority-refused',
    'storage-refused',
    'record-corrupt',
    'api-answer-too-long',
    'api-answer-encoded',
    'api-answer-echoes',
  ],
  'upstream-unavailable': [
    'entra-unavailable',
    'vault-unavailable',
    'identity-unavailable',
    'authority-unavailable',
    'storage-unavailable',
    'signing-keys-unavailable',
    'audit-unavailable',
    'changed-meanwhile',
    'config-unavailable',
    'api-unavailable',
    'not-ready',
    'deadline',
    'call-overdue',
    'calls-crowded',
  ],
} as const;

/** What went wrong, for a program. */
export type Code = keyof typeof reasonsByCode;
/** Why exactly, for the platform team. */
export type Reason = (typeof reasonsByCode)[Code][number];

const codeByReason = new Map(
  Object.entries(reasonsByCode).flatMap(([code, reasons]) => reasons.map((reason) => [reason, code as Code] as const)),
);

type BrokerErrorOptions = {
  cause?: unknown;
  retryAfterMs?: number | undefined;
  upstream?: UpstreamError | undefined;
};

/** The one error that crosses the broker's parts. Its reason decides its code. `cause` is for a debugger and is never logged as it is. */
export class BrokerError extends Error {
  override readonly name = 'BrokerError';
  readonly code: Code;
  readonly reason: Reason;
  /** How long the upstream asked to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** What an upstream, or the network, calls its error: an AADSTS number, `ENOTFOUND`. Nothing else of its answer is kept. */
  readonly upstream: UpstreamError | undefined;

  constructor(reason: Reason, options: BrokerErrorOptions = {}) {
    super(reason, { cause: options.cause });
    this.code = codeByReason.get(reason) ?? 'internal-error';
    this.reason = reason;
    this.retryAfterMs = options.retryAfterMs;
    this.upstream = options.upstream;
  }
}
