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
  unsupported: {
    status: 400,
    title: 'A sidecar has that, and the broker does not',
    detail: 'Leave it out. docs/sidecar.md says what the broker takes in place of it.',
  },
  'missing-token': {
    status: 401,
    title: 'No access token',
    detail: 'Send your own Entra access token for the broker as "Authorization: Bearer <token>".',
  },
  'invalid-token': {
    status: 401,
    title: 'The access token is not accepted',
    detail:
      'Get a new v2.0 access token for the broker from your own tenant, app-only unless you are an operator, and send it unchanged.',
  },
  forbidden: {
    status: 403,
    title: 'Not allowed',
    detail:
      'You may not have that. The platform team grants APIs to callers in the broker’s configuration, and its operation by app roles.',
  },
  'foreign-header-set': {
    status: 403,
    title: 'Not a header set that you were given',
    detail:
      'Report the id of a header set that this broker gave to you, for this API and this access level, unchanged. Or ask for headers anew.',
  },
  'not-found': {
    status: 404,
    title: 'There is nothing of that name',
    detail: 'Headers are at /v1/headers/{api}, the APIs that you may have at /v1/apis.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'The route does not take this method',
    detail: 'Use a method that the Allow header names.',
  },
  conflict: {
    status: 409,
    title: 'The state does not allow it',
    detail: 'Look at the state, and ask for something that it allows.',
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
  'query-unknown': 'This route does not take that query parameter.',
  'query-repeated': 'Send the query parameter once.',
  'api-malformed': 'An API’s name is a lower-case letter, then up to 62 lower-case letters, digits and hyphens.',
  'access-unknown': 'The API does not have this access level. /v1/apis lists those that it has.',
  'audit-query-malformed':
    'Send caller, and since, until and limit where you want others: since and until as 2026-11-24T03:00:00Z or as how long ago, such as 24h, at most 31 days apart; limit from 1 to 1000.',
  'audit-in-log': 'The audit trail is in the structured log. Look there for lines whose event is "audit".',
  misconfigured: 'The broker cannot serve as it is configured. Tell the platform team the requestId.',
  'entra-scope-refused':
    'Entra refused the scope of this API and access level. Entra accepts only ".default" for client credentials.',
  'call-path-refused':
    'The path holds a dot segment, an empty one, a backslash or a control character, or one of them or a slash in escapes. Write it without.',
  'call-body-too-long': 'The body of a call may have 4 MB.',
  'api-answer-too-long':
    'The API’s answer is longer than the 4 MB that a call passes on. Ask for headers and call the API yourself.',
  'api-answer-encoded':
    'The API encoded its answer although it was asked not to. Ask for headers and call the API yourself.',
  'api-answer-echoes':
    'The API’s answer holds the credential that it was sent, and is not passed on. Tell the platform team.',
  'call-overdue':
    'The call was not answered in time. If the API was asked, what was asked of it may have been done: repeat only what may be done twice.',
  'api-unavailable': 'The API could not be reached, or broke its answer off. What was asked of it may have been done.',
  'calls-crowded':
    'So many calls are under way that this one was not made: the API is slow, or asked too much. Try again after the seconds that Retry-After names.',
  'content-type-unsupported': 'Send the body as "Content-Type: application/json".',
  'body-too-long': 'The body may have 4 KB.',
  'report-too-long': 'A report may have 32 KB: send the first 4096 characters of the API’s answer.',
  'body-malformed':
    'Send a JSON object, {"reason": "…"}: why, in 1 to 200 characters on one line, none of which look like a key. For an emergency add "confirm": the subscription’s name. Nothing else, and nothing twice.',
  'report-malformed':
    'Send a JSON object, {"id": "hs_…", "status": 401, "body": "…"}: the id of a header set, 401, 403 or 429, and, if you like, the first 4096 characters of the API’s answer. Nothing else, and nothing twice.',
  'options-malformed':
    'optionsOverride.AcquireTokenOptions.ForceRefresh is true or false, in the query or as {"acquireTokenOptions": {"forceRefresh": true}} in the body of a POST, once.',
  'agent-unsupported':
    'AgentIdentity, AgentUsername and AgentUserId are not supported: the broker has one client for an API, and no agents.',
  'scopes-unsupported':
    'optionsOverride.Scopes is not supported: the API’s scope is in the broker’s configuration. GET /v1/headers/{api}?access=… gives another access level.',
  'app-token-unsupported':
    'optionsOverride.RequestAppToken is not supported: every token that the broker acquires is an app’s.',
  'tenant-unsupported':
    'optionsOverride.AcquireTokenOptions.Tenant is not supported: the API’s tenant is in the broker’s configuration.',
  'claims-unsupported': 'optionsOverride.AcquireTokenOptions.Claims is not supported: there is no person to challenge.',
  'proof-unsupported':
    'optionsOverride.AcquireTokenOptions.PopPublicKey and PopClaims are not supported: the tokens are bearer tokens.',
  'call-options-unsupported':
    'optionsOverride for a call (BaseUrl, RelativePath, HttpMethod, ContentType, AcceptHeader, CustomHeader, Extra…Parameters) is not supported: this route makes none.',
  'option-unsupported':
    'Of optionsOverride only AcquireTokenOptions.ForceRefresh is supported; in a body {"acquireTokenOptions": {"forceRefresh": true}}, without optionsOverride. All else of an API is in the broker’s configuration.',
  'key-alone':
    'This API takes a subscription key alone, and there is no Authorization header for it. Ask GET /v1/headers/{api}.',
  'idempotency-key-missing':
    'Send an Idempotency-Key header, such as a new UUID: the same key again does nothing a second time.',
  'idempotency-key-malformed':
    'An Idempotency-Key has 1 to 128 letters, digits, underscores, dots, colons and hyphens.',
  'not-confirmed':
    'An emergency regenerates the active key without a drain: header sets that carry it fail from then on until their expiresOn, at most one header lifetime after they were handed out. To accept that, repeat the subscription’s name as "confirm".',
  'subscription-unknown': 'The configuration has no subscription of that name. GET /v1/status lists those that it has.',
  'cycle-under-way':
    'A cycle is under way, and goes on by itself. GET /v1/rotations/{subscription} says where it stands.',
  'already-so': 'It is already so. GET /v1/rotations/{subscription} says where the rotation stands.',
  'not-draining':
    'A rollback is possible only while the retiring key drains and is not compromised. Past that, start another cycle instead.',
  'not-settled':
    'The other key was regenerated, or refused by a gateway, and has not settled since: no gateway may accept it. Wait for the cycle to go on.',
  'no-record':
    'The rotation has no record yet: the timer makes it at its first tick. If it does not, the log has a rotation-alert or rotation-failed that says why.',
  'not-rotated': 'The configuration has no rotation for this subscription. Add one, or regenerate its keys by hand.',
  'idempotency-key-reused': 'This Idempotency-Key was used for another request on this subscription. Use a new one.',
  'changed-meanwhile':
    'The rotation changed several times while it was being steered. Send the same request again, with the same key.',
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
