import { brokerIdentity, callers, tenants } from '../../../local/sample.ts';
import type { Reason } from '../../../shared/errors.ts';
import { headersPath, mark, type Group, type Row } from '../attack.ts';
import type { Scene } from '../scene.ts';
import type { Header } from '../wire.ts';

const row = (
  name: string,
  make: (at: Scene) => readonly Header[],
  status: number,
  code: Row[3],
  reason?: Reason,
  path = headersPath,
): Row => [name, (at) => ({ path, headers: make(at) }), status, code, reason];
const authorization = (value: string): Header => ['Authorization', value];
const good = ({ token }: Scene): Header => authorization(`Bearer ${token()}`);

const schemes: readonly Row[] = [
  row('Bearer', (at) => [good(at)], 200, 'accepted'),
  row('bearer: a scheme has no case', ({ token }) => [authorization(`bearer ${token()}`)], 200, 'accepted'),
  row('two blanks behind it', ({ token }) => [authorization(`Bearer  ${token()}`)], 200, 'accepted'),
  row('none', () => [], 401, 'missing-token', 'token-missing'),
  row('nothing', () => [authorization('')], 401, 'missing-token', 'token-missing'),
  row('the token alone', ({ token }) => [authorization(token())], 401, 'missing-token', 'scheme-unsupported'),
  row(
    'Basic',
    ({ token }) => [authorization(`Basic ${Buffer.from(`x:${token()}`).toString('base64')}`)],
    401,
    'missing-token',
    'scheme-unsupported',
  ),
  row('DPoP', ({ token }) => [authorization(`DPoP ${token()}`)], 401, 'missing-token', 'scheme-unsupported'),
  row('Negotiate', ({ token }) => [authorization(`Negotiate ${token()}`)], 401, 'missing-token', 'scheme-unsupported'),
  row('BearerX', ({ token }) => [authorization(`BearerX ${token()}`)], 401, 'missing-token', 'scheme-unsupported'),
  row('Bearer, and no token', () => [authorization('Bearer')], 401, 'invalid-token', 'token-malformed'),
  row(
    'Bearer, and a parameter',
    ({ token }) => [authorization(`Bearer token="${token()}"`)],
    401,
    'invalid-token',
    'token-malformed',
  ),
  row(
    'Bearer, and something behind the token',
    ({ token }) => [authorization(`Bearer ${token()} ${mark}`)],
    401,
    'invalid-token',
    'token-malformed',
  ),
  row(
    'two in one header',
    ({ token }) => [authorization(`Bearer ${token()}, Bearer ${token('reporting')}`)],
    400,
    'invalid-request',
    'authorization-repeated',
  ),
  row('the same in two headers', (at) => [good(at), good(at)], 400, 'invalid-request', 'authorization-repeated'),
  row(
    'a bad one before a good one',
    (at) => [authorization(`Bearer ${mark}`), good(at)],
    400,
    'invalid-request',
    'authorization-repeated',
  ),
  row(
    'a good one before a bad one',
    (at) => [good(at), ['AUTHORIZATION', `Bearer ${mark}`]],
    400,
    'invalid-request',
    'authorization-repeated',
  ),
  row(
    'an empty one beside a good one',
    (at) => [authorization(''), good(at)],
    400,
    'invalid-request',
    'authorization-repeated',
  ),
];

const missing = (name: string, make: (at: Scene) => readonly Header[], path?: string): Row =>
  row(name, make, 401, 'missing-token', 'token-missing', path);

/** A good token where none is looked for. */
const elsewhere: readonly Row[] = [
  ...[
    'Proxy-Authorization',
    'X-Authorization',
    'X-Forwarded-Authorization',
    'X-Original-Authorization',
    'X-MS-TOKEN-AAD-ACCESS-TOKEN',
    'X-MS-TOKEN-AAD-ID-TOKEN',
    'X-ZUMO-AUTH',
    'Ocp-Apim-Subscription-Key',
    'X-Functions-Key',
  ].map((name) => missing(name, ({ token }) => [[name, `Bearer ${token()}`]])),
  missing('a cookie', ({ token }) => [['Cookie', `Authorization=Bearer ${token()}; access_token=${token()}`]]),
  [
    'the query (RFC 6750, section 2.3)',
    ({ token }) => ({ path: `${headersPath}?access_token=${token()}` }),
    401,
    'missing-token',
    'token-missing',
  ],
  [
    'a form (RFC 6750, section 2.2)',
    ({ token }) => ({
      method: 'POST',
      path: `${headersPath}/rejections`,
      headers: [['Content-Type', 'application/x-www-form-urlencoded']],
      body: `access_token=${token()}`,
    }),
    401,
    'missing-token',
    'token-missing',
  ],
];

const principal = (roles: readonly string[]) => {
  const claims = [
    { typ: 'tid', val: tenants.broker },
    { typ: 'oid', val: callers['platform']?.objectId },
    ...roles.map((val) => ({ typ: 'roles', val })),
  ];
  return Buffer.from(JSON.stringify({ auth_typ: 'aad', claims })).toString('base64');
};
const operator = principal(['Operations.Read', 'Operations.Write']);

/** Headers that the platform writes, or a proxy in front of it, in the attacker’s hand. */
const spoofed: readonly Row[] = [
  missing(
    'X-MS-CLIENT-PRINCIPAL of an operator, where nobody signs in',
    () => [['X-MS-CLIENT-PRINCIPAL', operator]],
    '/v1/status',
  ),
  missing('the same of a caller, for headers', () => [['X-MS-CLIENT-PRINCIPAL', principal(['Headers.Read'])]]),
  missing(
    'X-MS-CLIENT-PRINCIPAL-ID and its like',
    () => [
      ['X-MS-CLIENT-PRINCIPAL-ID', callers['platform']?.objectId ?? ''],
      ['X-MS-CLIENT-PRINCIPAL-NAME', 'platform'],
      ['X-MS-CLIENT-PRINCIPAL-IDP', 'aad'],
    ],
    '/v1/status',
  ),
  [
    'X-MS-CLIENT-PRINCIPAL, where people sign in: the platform takes it away',
    () => ({ path: '/v1/status', headers: [['X-MS-CLIENT-PRINCIPAL', operator]], signedIn: true }),
    401,
    'missing-token',
    'token-missing',
  ],
  [
    'a session that nobody has begun',
    () => ({ path: '/v1/status', headers: [['Cookie', `AppServiceAuthSession=${mark}`]], signedIn: true }),
    401,
    'missing-token',
    'token-missing',
  ],
  row(
    'a caller’s token beside an operator’s principal',
    (at) => [good(at), ['X-MS-CLIENT-PRINCIPAL', operator]],
    403,
    'forbidden',
    'role-missing',
    '/v1/status',
  ),
  missing('a client’s certificate', () => [
    ['X-ARR-ClientCert', mark.repeat(9)],
    ['X-Client-Cert', mark.repeat(9)],
  ]),
  missing('the broker’s own identity', () => [
    ['X-IDENTITY-HEADER', mark],
    ['X-MS-CLIENT-ID', brokerIdentity.clientId],
  ]),
  missing('an address of the platform’s', () => [
    ['X-Forwarded-For', '168.63.129.16'],
    ['X-Azure-ClientIP', '127.0.0.1'],
    ['X-AppService-Proto', 'https'],
  ]),
  missing('a probe of the platform’s', () => [
    ['User-Agent', 'HealthCheck/1.0'],
    ['X-Azure-FDID', mark],
    ['X-Azure-Health-Probe', '1'],
  ]),
  missing(
    'a master key',
    () => [
      ['X-Functions-Key', mark.repeat(9)],
      ['X-Master-Key', mark.repeat(9)],
    ],
    '/v1/status',
  ),
  row(
    'another path',
    (at) => [good(at), ['X-Original-URL', '/v1/headers/loyalty'], ['X-Rewrite-URL', '/v1/status']],
    403,
    'forbidden',
    'api-unknown',
    `/v1/headers/${mark}`,
  ),
  row(
    'another method',
    () => [
      ['X-HTTP-Method-Override', 'POST'],
      ['X-Method-Override', 'POST'],
    ],
    401,
    'missing-token',
    'token-missing',
  ),
  row(
    'another host',
    (at) => [good(at), ['X-Forwarded-Host', `${mark}.example`], ['Forwarded', `host=${mark}.example`]],
    200,
    'accepted',
  ),
  row(
    'a request id of the caller’s choice',
    () => [
      ['X-Request-Id', `${mark}-0000-4000`],
      ['X-Correlation-Id', `${mark}-0000-4000`],
    ],
    401,
    'missing-token',
    'token-missing',
  ),
  row(
    'a trace of the caller’s choice',
    () => [
      ['traceparent', '00-5a7137786b5a7137786b5a7137786b00-5a7137786b5a7137-01'],
      ['tracestate', `${mark}=${mark}`],
      ['baggage', `${mark}=${mark}`],
    ],
    401,
    'missing-token',
    'token-missing',
  ),
];

const head = (...lines: string[]) => [...lines, '', ''].join('\r\n');
const raw = (
  name: string,
  make: (bearing: string) => string,
  status = 400,
  code: Row[3] = 'platform',
  reason?: Reason,
): Row => [name, ({ token }) => ({ path: '', raw: make(`Authorization: Bearer ${token()}`) }), status, code, reason];
const request = `GET ${headersPath} HTTP/1.1`;
const host = 'Host: broker.test';
const close = 'Connection: close';

/** Requests that two servers may read in two ways. */
const smuggled: readonly Row[] = [
  raw('a blank before the colon', (bearing) => head(request, host, close, bearing.replace(':', ' :'))),
  raw('a header on two lines', (bearing) => head(request, host, close, bearing.replace('Bearer ', 'Bearer\r\n '))),
  raw('a NUL in a header', (bearing) => head(request, host, close, `${bearing}\0`)),
  raw('a bare line feed in a header', (bearing) => head(request, host, close, `X: ${mark}\n${bearing}`), 400),
  raw(
    'both kinds of length',
    (bearing) =>
      `${head(`POST ${headersPath} HTTP/1.1`, host, close, bearing, 'Content-Length: 4', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
  ),
  raw(
    'two lengths',
    (bearing) =>
      `${head(`POST ${headersPath} HTTP/1.1`, host, close, bearing, 'Content-Length: 3', 'Content-Length: 4')}abcd`,
  ),
  raw(
    'a length with a sign',
    (bearing) => `${head(`POST ${headersPath} HTTP/1.1`, host, close, bearing, 'Content-Length: +4')}abcd`,
  ),
  raw(
    'a coding that nobody knows',
    (bearing) =>
      `${head(`POST ${headersPath} HTTP/1.1`, host, close, bearing, 'Transfer-Encoding: xchunked')}0\r\n\r\n`,
  ),
  raw(
    'a chunk with a length that is none',
    (bearing) => `${head(`POST ${headersPath} HTTP/1.1`, host, close, bearing, 'Transfer-Encoding: chunked')}zz\r\n`,
  ),
  raw('two hosts', (bearing) => head(request, host, `Host: ${mark}`, close, bearing)),
  raw('no host', (bearing) => head(request, close, bearing)),
  raw('a host with a user', (bearing) => head(request, `Host: ${mark}@broker.test`, close, bearing)),
  raw('a host with a path', (bearing) => head(request, 'Host: broker.test/v1/headers/loyalty?', close, bearing)),
  raw(
    '101 headers',
    (bearing) => head(request, host, close, bearing, ...Array.from({ length: 101 }, (_, at) => `X-${at}: 1`)),
    431,
  ),
  raw('a header of 33 KB', (bearing) => head(request, host, close, bearing, `X: ${'a'.repeat(33_000)}`), 431),
  raw('a version that there is not', (bearing) => head(`GET ${headersPath} HTTP/9.9`, host, close, bearing)),
  raw('HTTP/2 without asking', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  raw('a TLS handshake', () => Buffer.from('16030100c8010000c40303', 'hex').toString('latin1')),
  raw('a method that there is not', (bearing) => head(`STEAL ${headersPath} HTTP/1.1`, host, close, bearing)),
  raw(
    'a second request in the body of a first',
    (bearing) => {
      const second = head(request, host, close, bearing);
      return `${head(`POST ${headersPath} HTTP/1.1`, host, close, `Content-Length: ${second.length}`)}${second}`;
    },
    405,
    'method-not-allowed',
  ),
];

const named = (prefix: string, rows: readonly Row[]): Row[] =>
  rows.map(([name, ...rest]): Row => [`${prefix}: ${name}`, ...rest]);

export const headers: Group = {
  name: 'Header smuggling and spoofed platform headers',
  guarantee: 1,
  rows: [
    ...named('scheme', schemes),
    ...named('a token in', elsewhere),
    ...named('spoofed', spoofed),
    ...named('smuggled', smuggled),
  ],
};
