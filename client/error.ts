/** What the broker calls a problem; its `docs/problems.md` explains each. */
export const problemCodes = [
  'invalid-request',
  'missing-token',
  'invalid-token',
  'forbidden',
  'foreign-header-set',
  'not-found',
  'method-not-allowed',
  'conflict',
  'too-many-requests',
  'internal-error',
  'upstream-rejected',
  'upstream-unavailable',
] as const;
type ProblemCode = (typeof problemCodes)[number];

/** What the client itself finds wrong. */
type ClientCode = 'invalid-argument' | 'path-refused' | 'no-token' | 'unreachable' | 'timeout' | 'unexpected-answer';

/** What went wrong, for a program. */
export type BrokerErrorCode = ProblemCode | ClientCode;

/** What is known of an error besides its code. */
export type BrokerErrorDetails = {
  readonly cause?: unknown;
  /** Of the broker's answer. */
  readonly status?: number | undefined;
  /** Names the request in the broker's audit records and logs. */
  readonly requestId?: string | undefined;
  /** Seconds, as the broker asked for in `Retry-After`. */
  readonly retryAfter?: number | undefined;
};

/** The client's one error. Compare `code`; the message is for people, and holds no secret. */
export class BrokerError extends Error {
  override readonly name = 'BrokerError';
  readonly code: BrokerErrorCode;
  /** The status of the broker's answer. `undefined` where there was none. */
  readonly status: number | undefined;
  /** What to tell the platform team. `undefined` where the broker did not answer. */
  readonly requestId: string | undefined;
  /** Seconds after which to try again. `undefined` where the broker named none. */
  readonly retryAfter: number | undefined;

  constructor(code: BrokerErrorCode, message: string, details: BrokerErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.code = code;
    this.status = details.status;
    this.requestId = details.requestId;
    this.retryAfter = details.retryAfter;
  }
}
