import type { Reason } from '../../../shared/errors.ts';
import { bearer, mark, type Group, type Row } from '../attack.ts';

const get = (name: string, path: string, status: number, code: Row[3], reason?: Reason): Row => [
  name,
  ({ token }) => bearer(token(), path),
  status,
  code,
  reason,
];
const malformed = (name: string, path: string): Row => get(name, path, 400, 'invalid-request', 'api-malformed');
const unknown = (name: string, path: string): Row => get(name, path, 404, 'not-found');

/** What stands where the name of an API does. */
const names: readonly Row[] = [
  get('of an API that there is', '/v1/headers/core', 200, 'accepted'),
  get('of one that there is not', `/v1/headers/${mark}`, 403, 'forbidden', 'api-unknown'),
  get('of what every object has', '/v1/headers/constructor', 403, 'forbidden', 'api-unknown'),
  malformed('of the prototype', '/v1/headers/__proto__'),
  malformed('of a method of every object', '/v1/headers/hasOwnProperty'),
  malformed('in capitals', '/v1/headers/CORE'),
  malformed('with a blank', '/v1/headers/core%20'),
  malformed('with a line break', '/v1/headers/core%0d%0aX-Injected:%201'),
  malformed('with an encoded slash', '/v1/headers/core%2floyalty'),
  malformed('with an encoded way up', '/v1/headers/core%2f..%2floyalty'),
  malformed('with a backslash', '/v1/headers/core%5c..%5cloyalty'),
  malformed('encoded twice', '/v1/headers/%2563ore'),
  malformed('with a matrix parameter', '/v1/headers/core;access=get'),
  malformed('with an ending', '/v1/headers/core.json'),
  malformed('with a dot', '/v1/headers/core.'),
  malformed('with a tilde', '/v1/headers/core~1'),
  malformed('with an invisible blank', '/v1/headers/core%e2%80%8b'),
  malformed('in letters of full width', '/v1/headers/%ef%bd%83%ef%bd%8f%ef%bd%92%ef%bd%85'),
  malformed('with a letter that looks like one', '/v1/headers/c%d0%bere'),
  malformed('with bytes that are no UTF-8', '/v1/headers/core%ff'),
  malformed('with an overlong dot', '/v1/headers/%c0%ae%c0%ae'),
  malformed('with a wildcard', '/v1/headers/*'),
  malformed('of two APIs', '/v1/headers/core,payments'),
  malformed('of 64 characters', `/v1/headers/${'a'.repeat(64)}`),
  malformed('of 8,000 characters', `/v1/headers/${'a'.repeat(8_000)}`),
  malformed('with a template', '/v1/headers/%24%7bjndi:ldap:x%7d'),
  malformed('with markup', '/v1/headers/%3cscript%3e'),
];

/** Where the path leads. */
const ways: readonly Row[] = [
  get('up and down again is the same place', '/v1/x/../headers/core', 200, 'accepted'),
  get('an encoded way up is the same place', '/v1/x/%2e%2e/headers/core', 200, 'accepted'),
  unknown('out of everything', '/../../../../etc/passwd'),
  unknown('two slashes at its beginning', '//v1/headers/core'),
  unknown('two slashes in it', '/v1//headers/core'),
  unknown('no API', '/v1/headers/'),
  unknown('more behind the API', `/v1/headers/core/${mark}`),
  unknown('a version that there is not', '/v2/headers/core'),
  unknown('the host’s own prefix', '/api/v1/headers/core'),
  unknown('a file of the deployment', '/broker.config.json'),
  unknown('another', '/local.settings.json'),
  unknown('the bundle', '/dist/main.cjs'),
  unknown('a folder of a repository', '/.git/config'),
  unknown('a page beside those that are served', '/docs/threat-model.md'),
  unknown('a file of the dashboard that there is not', `/dashboard/${mark}.js`),
  unknown('out of the dashboard’s files', '/dashboard/..%2fpage.html'),
  unknown('the prototype of the dashboard’s files', '/dashboard/__proto__'),
  get('a NUL', '/v1/headers/core%00', 400, 'platform'),
  get('a fragment', '/v1/headers/core#loyalty', 400, 'platform'),
  get('no slash', 'v1/headers/core', 400, 'platform'),
  get('of more than the host takes', `/v1/headers/${'a'.repeat(40_000)}`, 431, 'platform'),
];

const queries: readonly Row[] = [
  get('an access level that there is', '/v1/headers/payments?access=.default', 200, 'accepted'),
  get('its name in escapes is the same name', '/v1/headers/payments?%61ccess=.default', 200, 'accepted'),
  get(
    'an access level that there is not',
    `/v1/headers/payments?access=${mark}`,
    400,
    'invalid-request',
    'access-unknown',
  ),
  get('an empty one', '/v1/headers/payments?access=', 400, 'invalid-request', 'access-unknown'),
  get('one with a blank', '/v1/headers/payments?access=.default%20', 400, 'invalid-request', 'access-unknown'),
  get('one with a NUL', '/v1/headers/payments?access=.default%00', 400, 'invalid-request', 'access-unknown'),
  get('one in capitals', '/v1/headers/payments?access=.DEFAULT', 400, 'invalid-request', 'access-unknown'),
  get('two in one', '/v1/headers/payments?access=.default%20get', 400, 'invalid-request', 'access-unknown'),
  get('of what every object has', '/v1/headers/payments?access=constructor', 400, 'invalid-request', 'access-unknown'),
  get(
    'one for an API that takes a key alone',
    '/v1/headers/core?access=.default',
    400,
    'invalid-request',
    'access-unknown',
  ),
  get('one twice', '/v1/headers/payments?access=.default&access=get', 400, 'invalid-request', 'query-repeated'),
  get(
    'one twice, once in escapes',
    '/v1/headers/payments?access=.default&%61ccess=get',
    400,
    'invalid-request',
    'query-repeated',
  ),
  ...[
    ['ACCESS', 'ACCESS=.default'],
    ['a list', 'access[]=.default'],
    ['another API', 'api=loyalty'],
    ['another caller', 'caller=bookkeeping'],
    ['a scope', `scope=api://${mark}/.default`],
    ['a function key', `code=${mark}`],
    ['a key', `subscription-key=${mark}`],
    ['the prototype', '__proto__[access]=get'],
    ['nothing', '=get'],
    ['a semicolon', 'access=.default;access=get'],
  ].map(([name = '', query = '']) =>
    name === 'a semicolon'
      ? get(`a parameter: ${name}`, `/v1/headers/payments?${query}`, 400, 'invalid-request', 'access-unknown')
      : get(`a parameter: ${name}`, `/v1/headers/payments?${query}`, 400, 'invalid-request', 'query-unknown'),
  ),
  get('on a route that takes none', `/v1/apis?${mark}=1`, 400, 'invalid-request', 'query-unknown'),
  get(
    'an option of a sidecar that would choose the scope',
    `/AuthorizationHeader/payments?optionsOverride.Scopes=${mark}`,
    400,
    'unsupported',
    'scopes-unsupported',
  ),
  get(
    'one that would choose the tenant',
    `/AuthorizationHeader/payments?optionsOverride.AcquireTokenOptions.Tenant=${mark}`,
    400,
    'unsupported',
    'tenant-unsupported',
  ),
  get(
    'one that would choose where to call',
    `/AuthorizationHeader/payments?optionsOverride.BaseUrl=https://${mark}`,
    400,
    'unsupported',
    'call-options-unsupported',
  ),
  get(
    'one that would choose who asks',
    `/AuthorizationHeader/payments?AgentIdentity=${mark}`,
    400,
    'unsupported',
    'agent-unsupported',
  ),
];

/** What is added to an API’s address where the broker makes the call. */
const calls: readonly Row[] = (
  [
    ['up, with an encoded slash', '/v1/call/payments/..%2floyalty'],
    ['up, encoded twice', '/v1/call/payments/%252e%252e/loyalty'],
    ['up, encoded five times', '/v1/call/payments/%252525252e%252525252e/loyalty'],
    ['up, by backslashes', '/v1/call/payments/..%5cloyalty'],
    ['up, behind a semicolon', '/v1/call/payments/..;x/loyalty'],
    ['up, in letters of full width', '/v1/call/payments/%ef%bc%8e%ef%bc%8e/loyalty'],
    ['up, overlong', '/v1/call/payments/%c0%ae%c0%ae/loyalty'],
    ['two slashes', '/v1/call/payments//loyalty'],
    ['a line break', '/v1/call/payments/x%0d%0aHost:%20x'],
  ] as const
).map(([name, path]) => get(name, path, 400, 'invalid-request', 'call-path-refused'));
const toAnother = get('up is another API', '/v1/call/payments/%2e%2e/loyalty', 403, 'forbidden', 'api-not-allowed');

const named = (prefix: string, rows: readonly Row[]): Row[] =>
  rows.map(([name, ...rest]): Row => [`${prefix}: ${name}`, ...rest]);

export const paths: Group = {
  name: 'Path and parameter tricks',
  guarantee: 1,
  rows: [
    ...named('name', names),
    ...named('way', ways),
    ...named('query', queries),
    ...named('call', [toAnother, ...calls]),
  ],
};
