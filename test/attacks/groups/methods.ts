import type { Reason } from '../../../shared/errors.ts';
import { headersPath, mark, type Group, type Row } from '../attack.ts';
import type { Header, Sent } from '../wire.ts';

const method = (verb: string, path: string, status = 405, code: Row[3] = 'method-not-allowed'): Row => [
  `${verb} ${path.replaceAll(mark, '…')}`,
  ({ token }) => ({ method: verb, path, headers: [['Authorization', `Bearer ${token()}`]] }),
  status,
  code,
];

const methods: readonly Row[] = [
  method('GET', headersPath, 200, 'accepted'),
  ...['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((verb) => method(verb, headersPath)),
  ...['GET', 'PUT', 'DELETE', 'OPTIONS'].map((verb) => method(verb, `${headersPath}/rejections`)),
  ...['POST', 'DELETE', 'OPTIONS'].map((verb) => method(verb, '/v1/apis')),
  ...['POST', 'PUT'].map((verb) => method(verb, '/v1/status')),
  ...['POST', 'DELETE'].map((verb) => method(verb, '/v1/rotations/okq8-core')),
  ...['GET', 'PUT'].map((verb) => method(verb, '/v1/rotations/okq8-core/emergency')),
  method('DELETE', '/v1/audit'),
  method('GET', '/v1/doctor'),
  method('POST', '/dashboard'),
  method('POST', '/healthz'),
  method('POST', '/readyz'),
  method('POST', '/openapi.json'),
  method('DELETE', '/AuthorizationHeader/payments'),
  method('POST', '/Validate'),
  method('TRACE', headersPath, 404, 'platform'),
  method('PROPFIND', headersPath, 404, 'platform'),
  [
    'a method in small letters',
    ({ token }) => ({ method: 'get', path: headersPath, headers: [['Authorization', `Bearer ${token()}`]] }),
    400,
    'platform',
  ],
];

const given = (name: string, headers: readonly Header[]): Row => [
  name,
  ({ token }): Sent => ({ path: headersPath, headers: [['Authorization', `Bearer ${token()}`], ...headers] }),
  200,
  'accepted',
];

/** Whatever is asked for, the whole answer comes, in one of two forms, and nobody may keep it. */
const negotiation: readonly Row[] = [
  given('text/html', [['Accept', 'text/html']]),
  given('nothing that there is', [['Accept', `application/${mark};q=1, */*;q=0`]]),
  given('a list of 1,000', [['Accept', 'a/b,'.repeat(1_000)]]),
  given('a weight that is none', [['Accept', 'text/plain;q=1e999, application/json;q=-1']]),
  given('no type at all', [['Accept', ';;,,==']]),
  given('an encoding', [['Accept-Encoding', 'gzip, br;q=1.0, *;q=0']]),
  given('a language and a charset', [
    ['Accept-Language', '../../etc'],
    ['Accept-Charset', 'utf-7'],
  ]),
];

const conditions: readonly Row[] = [
  given('If-None-Match: *', [['If-None-Match', '*']]),
  given('If-None-Match, with a tag', [['If-None-Match', '"x", W/"y"']]),
  given('If-Match', [['If-Match', '"x"']]),
  given('If-Modified-Since, in the future', [['If-Modified-Since', 'Fri, 01 Jan 2100 00:00:00 GMT']]),
  given('If-Unmodified-Since, in the past', [['If-Unmodified-Since', 'Thu, 01 Jan 1970 00:00:01 GMT']]),
  given('Range', [
    ['Range', 'bytes=0-10'],
    ['If-Range', '"x"'],
  ]),
  given('a thousand ranges', [['Range', `bytes=${'0-1,'.repeat(1_000)}0-1`]]),
  given('Cache-Control: only-if-cached', [['Cache-Control', 'only-if-cached, max-stale=31536000']]),
  given('Expect: 100-continue', [['Expect', '100-continue']]),
  given('an upgrade to HTTP/2', [
    ['Upgrade', 'h2c'],
    ['HTTP2-Settings', 'AAMAAABkAAQAAP__'],
  ]),
  given('an upgrade to a WebSocket', [
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Version', '13'],
    ['Sec-WebSocket-Key', 'x'],
  ]),
];

/** A page of another site, which may have an answer only where a header says so. */
const origins: readonly Row[] = [
  given('an Origin', [['Origin', `https://${mark}.example`]]),
  given('the Origin null', [['Origin', 'null']]),
  [
    'a preflight',
    () => ({
      method: 'OPTIONS',
      path: headersPath,
      headers: [
        ['Origin', `https://${mark}.example`],
        ['Access-Control-Request-Method', 'GET'],
        ['Access-Control-Request-Headers', 'authorization'],
      ],
    }),
    405,
    'method-not-allowed',
  ],
];

const report = (name: string, type: string | undefined, body: string | Buffer, reason: Reason): Row => [
  name,
  ({ token }) => ({
    method: 'POST',
    path: `${headersPath}/rejections`,
    headers: [['Authorization', `Bearer ${token()}`], ...(type === undefined ? [] : [['Content-Type', type] as const])],
    body,
  }),
  400,
  'invalid-request',
  reason,
];
const json = 'application/json';
const id = 'hs_aaaaaaaaaaaaaaaa';

const bodies: readonly Row[] = [
  report('none', json, '', 'report-malformed'),
  report('of no type', undefined, '{}', 'content-type-unsupported'),
  report('a form', 'application/x-www-form-urlencoded', `id=${mark}`, 'content-type-unsupported'),
  report('JSON that is called text', 'text/plain', `{"id":"${id}","status":401}`, 'content-type-unsupported'),
  report('parts', 'multipart/form-data; boundary=x', `--x--${mark}`, 'content-type-unsupported'),
  report(
    'XML with an entity',
    'application/xml',
    `<!DOCTYPE x [<!ENTITY x SYSTEM "file:///${mark}">]>`,
    'content-type-unsupported',
  ),
  report('a list', json, `["${id}",401]`, 'report-malformed'),
  report('null', json, 'null', 'report-malformed'),
  report('half of one', json, `{"id":"${id}"`, 'report-malformed'),
  report('a comment in it', json, `{"id":"${id}","status":401/*${mark}*/}`, 'report-malformed'),
  report('a member twice', json, `{"id":"${id}","status":401,"id":"${id}"}`, 'report-malformed'),
  report('a member twice, once in escapes', json, `{"id":"${id}","status":401,"\\u0069d":"${id}"}`, 'report-malformed'),
  report('the prototype', json, `{"id":"${id}","status":401,"__proto__":{"body":"${mark}"}}`, 'report-malformed'),
  report('a member that there is not', json, `{"id":"${id}","status":401,"${mark}":1}`, 'report-malformed'),
  report('an id that is none', json, `{"id":"${mark}","status":401}`, 'report-malformed'),
  report('a status as text', json, `{"id":"${id}","status":"401"}`, 'report-malformed'),
  report('a status that is no refusal', json, `{"id":"${id}","status":200}`, 'report-malformed'),
  report('bytes that are no UTF-8', json, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'report-malformed'),
  report('another charset', json, Buffer.from(`{"id":"${id}","status":401}`, 'utf16le'), 'report-malformed'),
  report('10,000 lists in one another', json, '['.repeat(10_000) + ']'.repeat(10_000), 'report-malformed'),
  report('33 KB', json, `{"id":"${id}","status":401,"body":"${'x'.repeat(33_000)}"}`, 'report-too-long'),
];

const named = (prefix: string, rows: readonly Row[]): Row[] =>
  rows.map(([name, ...rest]): Row => [`${prefix}: ${name}`, ...rest]);

export const methodsAndNegotiation: Group = {
  name: 'Methods, negotiation, conditional requests',
  guarantee: 1,
  rows: [
    ...named('method', methods),
    ...named('asked for', negotiation),
    ...named('on the condition', conditions),
    ...named('from a page', origins),
    ...named('a body', bodies),
  ],
};
