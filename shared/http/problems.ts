import type { BrokerError, Code, Reason } from '../errors.ts';
import type { RequestId } from '../names.ts';
import type { Answer } from './answer.ts';

/** What a code means. `docs/problems.md` is generated from this table. */
type ProblemKind = {
  readonly status: number;
  readonly title: string;
  /** For whoever gets it: what to do. */
  readonly detail: string;
};

export const problemKinds: Readonly<Record<Code, ProblemKind>> = {
  'invalid-request': {
    status: 400,
    title: 'The request is not well-formed',
    detail: 'Correct the request; the same one will be refused again.',
  },
  'missing-token': {
    status: 401,
    title: 'No access token',
    detail: 'Send your own Entra access token for the broker as "Authorization: Bearer <token>".',
  },
  'invalid-token': {
    status: 401,
    title: 'The access token is not accepted',
    detail: 'Get a new app-only v2.0 access token for the broker from your own tenant, and send it unchanged.',
  },
  forbidden: {
    status: 403,
    title: 'Not allowed',
    detail: 'This caller may not have that. The platform team grants APIs to callers in the broker’s configuration.',
  },
  'not-found': {
    status: 404,
    title: 'No such route',
    detail: 'Headers are at /v1/headers/{api}, the APIs that you may have at /v1/apis.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'The route does not take this method',
    detail: 'Use a method that the Allow header names.',
  },
  'too-many-requests': {
    status: 429,
    title: 'Too many requests from this caller',
    detail: 'Wait for the seconds that Retry-After names, and keep a header set until its refreshOn.',
  },
  'internal-error': {
    status: 500,
    title: 'The broker failed',
    detail: 'This is a defect of the broker or of its configuration. Tell the platform team the requestId.',
  },
  'upstream-rejected': {
    status: 502,
    title: 'An upstream refused the broker',
    detail: 'The platform team must mend this. Tell them the requestId.',
  },
  'upstream-unavailable': {
    status: 503,
    title: 'Not to be had just now',
    detail: 'Something that the broker needs is down or slow. Try again after the seconds that Retry-After names.',
  },
};

/** Where a reason lets us say more than its code does, without helping a forger or telling of the inside. */
const detailByReason: Partial<Record<Reason, string>> = {
  'authorization-repeated': 'Send one Authorization header.',
  'query-unknown': 'The only query parameter is "access", and only of /v1/headers/{api}.',
  'query-repeated': 'Send the query parameter once.',
  'api-malformed': 'An API’s name is a lower-case letter, then up to 62 lower-case letters, digits and hyphens.',
  'access-unknown': 'The API does not have this access level. /v1/apis lists those that it has.',
  'audit-query-malformed':
    'Send caller, and since, until and limit where you want others: since and until as 2026-11-24T03:00:00Z or as how long ago, such as 24h, at most 31 days apart; limit from 1 to 1000.',
  'audit-in-log': 'The audit trail is in the structured log. Look there for lines whose event is "audit".',
  misconfigured: 'The broker cannot serve as it is configured. Tell the platform team the requestId.',
  'entra-scope-refused':
    'Entra refused the scope of this API and access level. Entra accepts only ".default" for client credentials.',
  'not-ready': 'This instance cannot serve yet, or no longer. Another may.',
};

/** RFC 9457. `type` is relative to the broker, which serves that page. */
type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: Code;
  readonly requestId: RequestId;
};

/** Where the broker serves the page on its problems. */
const problemsPath = 'docs/problems.md';
/** In seconds. A caller that is told to wait longer would not know of the end. */
const [leastRetryAfter, mostRetryAfter] = [1, 3_600];
/** What a person must mend is not mended in a second; the broker itself looks again after 30 s at the latest. */
const leastWhileMended = 30;

function toProblem(error: BrokerError, requestId: RequestId): Problem {
  const { status, title, detail } = problemKinds[error.code];
  return {
    type: `/${problemsPath}#${error.code}`,
    title,
    status,
    detail: detailByReason[error.reason] ?? detail,
    code: error.code,
    requestId,
  };
}

export function problemAnswer(error: BrokerError, requestId: RequestId, allow: readonly string[]): Answer {
  const problem = toProblem(error, requestId);
  const headers: Record<string, string> = { 'Content-Type': 'application/problem+json' };
  if (problem.status === 401) headers['WWW-Authenticate'] = challengeOf(error.code);
  if (problem.status === 405) headers['Allow'] = allow.join(', ');
  if (problem.status === 429 || problem.status >= 502) headers['Retry-After'] = retryAfterOf(error);
  return { status: problem.status, headers, body: JSON.stringify(problem) };
}

/** RFC 6750, section 3: no error code where there was no token. */
function challengeOf(code: Code): string {
  const realm = 'Bearer realm="token-broker"';
  return code === 'invalid-token' ? `${realm}, error="invalid_token"` : realm;
}

function retryAfterOf({ code, retryAfterMs = 0 }: BrokerError): string {
  const least = code === 'upstream-rejected' ? leastWhileMended : leastRetryAfter;
  return String(Math.min(Math.max(least, Math.ceil(retryAfterMs / 1_000)), mostRetryAfter));
}
