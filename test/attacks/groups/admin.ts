import { tenants } from '../../../local/sample.ts';
import type { Code, Reason } from '../../../shared/errors.ts';
import { bearer, mark, type Group, type Row } from '../attack.ts';
import type { Scene } from '../scene.ts';
import type { Header, Sent } from '../wire.ts';

const json: Header = ['Content-Type', 'application/json'];
const once: Header = ['Idempotency-Key', 'attack-1'];
const body = JSON.stringify({ reason: 'Test.', confirm: 'okq8-core' });

const reading: readonly Sent[] = [
  { path: '/v1/status' },
  { path: '/v1/rotations/okq8-core' },
  { path: '/v1/audit?caller=billing' },
  { method: 'POST', path: '/v1/doctor' },
];
const steering: readonly Sent[] = ['start', 'pause', 'resume', 'rollback', 'emergency'].map((command) => ({
  method: 'POST',
  path: `/v1/rotations/okq8-core/${command}`,
  headers: [json, once],
  body,
}));

const nameOf = ({ method = 'GET', path }: Sent) => `${method} ${path}`;
const having = (sent: Sent, ...more: readonly Header[]): Sent => ({
  ...sent,
  headers: [...(sent.headers ?? []), ...more],
});
const asBearer = (sent: Sent, token: string): Sent => having(sent, ['Authorization', `Bearer ${token}`]);

type Try = readonly [
  who: string,
  token: ((at: Scene) => string) | undefined,
  status: number,
  code: Code,
  reason: Reason,
];

const delegated = { idtyp: 'user', scp: 'access_as_user' };

/** Nobody reads what operators read without a role for it. */
const outsiders: readonly Try[] = [
  ['nobody', undefined, 401, 'missing-token', 'token-missing'],
  ['a caller', ({ token }) => token('billing'), 403, 'forbidden', 'role-missing'],
  [
    'an attacker who says that they may write',
    ({ forged, header, claims }) => forged(header(), claims('platform')),
    401,
    'invalid-token',
    'signature',
  ],
  [
    'a person without a role',
    ({ token }) => token('stranger', { ...delegated, roles: [] }),
    403,
    'forbidden',
    'role-missing',
  ],
];
/** And nobody steers who may only read. */
const readers: readonly Try[] = [
  ['somebody who may read', ({ token }) => token('auditor'), 403, 'forbidden', 'role-missing'],
  ['a person who may read', ({ token }) => token('auditor', delegated), 403, 'forbidden', 'role-missing'],
];
const tryAll = (requests: readonly Sent[], tries: readonly Try[]): Row[] =>
  requests.flatMap((sent) =>
    tries.map(([who, token, status, code, reason]): Row => [
      `${nameOf(sent)}: ${who}`,
      (at) => (token ? asBearer(sent, token(at)) : sent),
      status,
      code,
      reason,
    ]),
  );

const operators: readonly Try[] = [
  ['of another tenant', ({ token }) => token('platform', { tid: tenants.partner }), 401, 'invalid-token', 'tenant'],
  [
    'with a scope for a role',
    ({ token }) => token('stranger', { ...delegated, scp: 'Operations.Write', roles: undefined }),
    403,
    'forbidden',
    'role-missing',
  ],
  [
    'with a role in other letters',
    ({ token }) => token('stranger', { roles: ['operations.write'] }),
    403,
    'forbidden',
    'role-missing',
  ],
  [
    'with a directory role',
    ({ token }) => token('stranger', { roles: [], wids: ['62e90394-69f5-4237-9190-012177145e10'] }),
    403,
    'forbidden',
    'role-missing',
  ],
  [
    'with an ID token',
    ({ token }) => token('platform', { idtyp: undefined, nonce: mark }),
    401,
    'invalid-token',
    'not-app-only',
  ],
  [
    'whose token has expired',
    ({ token }) => token('platform', { iat: 1, nbf: 1, exp: 1_700_000_000 }),
    401,
    'invalid-token',
    'expired',
  ],
];

const start = '/v1/rotations/okq8-core/start';
const steer = (name: string, sent: Partial<Sent>, status: number, code: Row[3], reason?: Reason): Row => [
  name,
  ({ token }) => asBearer({ method: 'POST', path: start, headers: [json, once], body, ...sent }, token('platform')),
  status,
  code,
  reason,
];
const malformed = (name: string, text: string): Row =>
  steer(name, { body: text }, 400, 'invalid-request', 'body-malformed');

/** What even an operator cannot say. */
const commands: readonly Row[] = [
  steer('without an Idempotency-Key', { headers: [json] }, 400, 'invalid-request', 'idempotency-key-missing'),
  steer(
    'with an empty one',
    { headers: [json, ['Idempotency-Key', '']] },
    400,
    'invalid-request',
    'idempotency-key-missing',
  ),
  steer(
    'with two',
    { headers: [json, once, ['Idempotency-Key', mark]] },
    400,
    'invalid-request',
    'idempotency-key-malformed',
  ),
  steer(
    'with one of 129 characters',
    { headers: [json, ['Idempotency-Key', mark.padEnd(129, 'x')]] },
    400,
    'invalid-request',
    'idempotency-key-malformed',
  ),
  steer(
    'with a path for one',
    { headers: [json, ['Idempotency-Key', `../${mark}`]] },
    400,
    'invalid-request',
    'idempotency-key-malformed',
  ),
  steer(
    'as a form',
    { headers: [['Content-Type', 'application/x-www-form-urlencoded'], once], body: 'reason=x' },
    400,
    'invalid-request',
    'content-type-unsupported',
  ),
  steer(
    'as text',
    { headers: [['Content-Type', 'text/plain'], once] },
    400,
    'invalid-request',
    'content-type-unsupported',
  ),
  malformed('without a reason', '{}'),
  malformed('with an empty reason', '{"reason":""}'),
  malformed('with a reason on two lines', String.raw`{"reason":"${mark}\nevent"}`),
  malformed('with a reason that turns the text about', String.raw`{"reason":"${mark}\u202e"}`),
  malformed('with a reason of 201 characters', JSON.stringify({ reason: 'x '.repeat(101) })),
  malformed('with a key for a reason', JSON.stringify({ reason: '0123456789abcdef0123456789abcdef' })),
  malformed('with the prototype', '{"reason":"Test.","__proto__":{"confirm":"okq8-core"}}'),
  malformed('with a reason twice', '{"reason":"Test.","reason":"Test."}'),
  malformed('with a member that there is not', `{"reason":"Test.","${mark}":true}`),
  steer('with 5 KB', { body: JSON.stringify({ reason: 'x'.repeat(5_000) }) }, 400, 'invalid-request', 'body-too-long'),
  steer(
    'an emergency that is not confirmed',
    { path: '/v1/rotations/okq8-core/emergency', body: '{"reason":"Test."}' },
    400,
    'invalid-request',
    'not-confirmed',
  ),
  steer(
    'an emergency that is confirmed for another',
    { path: '/v1/rotations/okq8-core/emergency', body: '{"reason":"Test.","confirm":"okq8-payments"}' },
    400,
    'invalid-request',
    'not-confirmed',
  ),
  steer(
    'a subscription that there is not',
    { path: `/v1/rotations/${mark}/start` },
    404,
    'not-found',
    'subscription-unknown',
  ),
  steer(
    'a subscription of every object',
    { path: '/v1/rotations/__proto__/start' },
    404,
    'not-found',
    'subscription-unknown',
  ),
  steer('a command that there is not', { path: `/v1/rotations/okq8-core/${mark}` }, 404, 'not-found'),
  steer('a command of every object', { path: '/v1/rotations/okq8-core/constructor' }, 404, 'not-found'),
  steer('with a query', { path: `${start}?force=true` }, 400, 'invalid-request', 'query-unknown'),
];

const audit = (query: string): Row => [
  `?${query.replaceAll(mark, '…')}`,
  ({ token }) => bearer(token('auditor'), `/v1/audit?${query}`),
  400,
  'invalid-request',
  'audit-query-malformed',
];
const queries: readonly Row[] = [
  audit(`caller=${encodeURIComponent(`x' or PartitionKey ne '${mark}`)}`),
  audit('caller=../billing'),
  audit('caller=billing&since=1e9d'),
  audit(`caller=billing&since=${mark}`),
  audit('caller=billing&limit=1e3'),
  audit('caller=billing&limit=-1'),
  audit('caller=billing&since=400d'),
];

type SignedIn = readonly [name: string, sent: Sent, status: number, code: Row[3], reason?: Reason];
const forgery: readonly SignedIn[] = [
  [
    'a page of another site posts',
    having(steering[0] ?? { path: '' }, ['Sec-Fetch-Site', 'cross-site']),
    403,
    'forbidden',
    'cross-site',
  ],
  [
    'a page of a sister site posts',
    having(steering[0] ?? { path: '' }, ['Sec-Fetch-Site', 'same-site']),
    403,
    'forbidden',
    'cross-site',
  ],
  [
    'a form posts',
    {
      method: 'POST',
      path: start,
      headers: [['Content-Type', 'application/x-www-form-urlencoded'], once],
      body: 'reason=x',
    },
    400,
    'invalid-request',
    'content-type-unsupported',
  ],
  [
    'a form posts what looks like JSON',
    { method: 'POST', path: start, headers: [['Content-Type', 'text/plain'], once], body },
    400,
    'invalid-request',
    'content-type-unsupported',
  ],
  [
    'a form posts parts',
    {
      method: 'POST',
      path: start,
      headers: [['Content-Type', 'multipart/form-data; boundary=x'], once],
      body: '--x--',
    },
    400,
    'invalid-request',
    'content-type-unsupported',
  ],
  [
    'a beacon is sent',
    { method: 'POST', path: '/v1/doctor', headers: [['Content-Type', 'text/plain']], body: 'x' },
    400,
    'invalid-request',
    'content-type-unsupported',
  ],
  [
    'a POST without an Idempotency-Key',
    { method: 'POST', path: start, headers: [json], body },
    400,
    'invalid-request',
    'idempotency-key-missing',
  ],
  [
    'a caller’s bad token beside the session',
    { path: '/v1/status', headers: [['Authorization', `Bearer ${mark}`]] },
    401,
    'invalid-token',
    'token-malformed',
  ],
  ['the session asks for headers', { path: '/v1/headers/core' }, 401, 'missing-token', 'token-missing'],
  ['the session reads what it may', { path: '/v1/audit?caller=billing' }, 404, 'not-found', 'audit-in-log'],
];
/** A browser sends the session along, whoever made it send the request. */
const sessions: readonly Row[] = [
  ...forgery.map(([name, sent, status, code, reason]): Row => [
    name,
    async (at) => ({ ...having(sent, ['Cookie', await at.cookieOf('platform')]), signedIn: true }),
    status,
    code,
    reason,
  ]),
  [
    'somebody who may only read steers',
    async (at) => ({
      ...having(steering[0] ?? { path: '' }, ['Cookie', await at.cookieOf('auditor')]),
      signedIn: true,
    }),
    403,
    'forbidden',
    'role-missing',
  ],
];

const named = (prefix: string, rows: readonly Row[]): Row[] =>
  rows.map(([name, ...rest]): Row => [`${prefix}: ${name}`, ...rest]);

export const admin: Group = {
  name: 'Admin surface',
  guarantee: 1,
  rows: [
    ...tryAll([...reading, ...steering], outsiders),
    ...tryAll(steering, readers),
    ...tryAll(reading.slice(0, 1), operators),
    ['the dashboard: nobody', () => ({ path: '/dashboard' }), 401, 'missing-token'],
    ['the dashboard: a caller', ({ token }) => bearer(token('billing'), '/dashboard'), 403, 'forbidden'],
    ['the dashboard: somebody who may read', ({ token }) => bearer(token('auditor'), '/dashboard'), 200, 'accepted'],
    ...named('a command', commands),
    ...named('the audit trail', queries),
    ...named('signed in', sessions),
  ],
};
