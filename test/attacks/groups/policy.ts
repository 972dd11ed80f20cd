import type { Code, Reason } from '../../../shared/errors.ts';
import { bearer, headersPath, mark, type Group, type Row } from '../attack.ts';
import type { Scene } from '../scene.ts';
import type { Who } from '../tokens.ts';
import type { Sent } from '../wire.ts';

const as = (who: Who, path: string, status: number, code: Code | 'accepted', reason?: Reason): Row => [
  `${who} asks for ${path.replaceAll(mark, '…')}`,
  ({ token }) => bearer(token(who), path),
  status,
  code,
  reason,
];

const grants: readonly Row[] = [
  as('billing', '/v1/headers/payments', 200, 'accepted'),
  as('billing', '/v1/headers/payments?access=.default', 200, 'accepted'),
  as('billing', '/v1/headers/loyalty', 403, 'forbidden', 'api-not-allowed'),
  as('billing', '/v1/headers/invoices', 403, 'forbidden', 'api-not-allowed'),
  as('reporting', headersPath, 200, 'accepted'),
  as('reporting', '/v1/headers/payments', 403, 'forbidden', 'api-not-allowed'),
  as('reporting', '/v1/headers/payments?access=get', 403, 'forbidden', 'api-not-allowed'),
  as('reporting', `/v1/headers/payments?access=${mark}`, 403, 'forbidden', 'api-not-allowed'),
  as('reporting', '/v1/headers/okq8-payments', 403, 'forbidden', 'api-unknown'),
  as('stranger', headersPath, 403, 'forbidden', 'caller-unknown'),
  as('stranger', '/v1/apis', 403, 'forbidden', 'caller-unknown'),
  as('stranger', '/Validate', 403, 'forbidden', 'caller-unknown'),
  as('platform', headersPath, 403, 'forbidden', 'caller-unknown'),
  as('auditor', '/v1/apis', 403, 'forbidden', 'caller-unknown'),
  as('reporting', '/AuthorizationHeader/payments', 404, 'not-found', 'api-not-offered'),
  as('reporting', `/AuthorizationHeader/${mark}`, 404, 'not-found', 'api-not-offered'),
  as('billing', '/AuthorizationHeader/loyalty', 404, 'not-found', 'api-not-offered'),
  as('billing', '/AuthorizationHeader/__proto__', 404, 'not-found', 'api-not-offered'),
  as('billing', '/AuthorizationHeader/core', 400, 'unsupported', 'key-alone'),
  as('billing', '/v1/call/core/ping', 403, 'forbidden', 'call-not-allowed'),
  as('billing', '/v1/call/loyalty/ping', 403, 'forbidden', 'api-not-allowed'),
  as('billing', `/v1/call/${mark}/ping`, 403, 'forbidden', 'api-unknown'),
  as('reporting', '/v1/call/payments/ping', 403, 'forbidden', 'api-not-allowed'),
];

/** The id of a header set that a caller was just given. */
async function idOf(at: Scene, who: Who, path: string): Promise<string> {
  const { body } = await at.app.ask(bearer(at.token(who), path));
  return (JSON.parse(body) as { id: string }).id;
}

const report = (
  name: string,
  who: Who,
  path: string,
  makeId: (at: Scene) => Promise<string> | string,
  reason: Reason,
  code: Code = 'foreign-header-set',
): Row => [
  name,
  async (at): Promise<Sent> => ({
    method: 'POST',
    path,
    headers: [
      ['Authorization', `Bearer ${at.token(who)}`],
      ['Content-Type', 'application/json'],
    ],
    body: JSON.stringify({ id: await makeId(at), status: 401 }),
  }),
  403,
  code,
  reason,
];
const ofCore = `${headersPath}/rejections`;
const ofPayments = '/v1/headers/payments/rejections';
const foreign = 'set-foreign';

/** A report has a credential looked at again: nobody may make one of what was not theirs. */
const reports: readonly Row[] = [
  report('of a set of another caller', 'reporting', ofCore, (at) => idOf(at, 'billing', headersPath), foreign),
  report('of a set of another API', 'billing', ofPayments, (at) => idOf(at, 'billing', headersPath), foreign),
  report(
    'of a set of another access level',
    'billing',
    `${ofPayments}?access=get`,
    (at) => idOf(at, 'billing', '/v1/headers/payments'),
    foreign,
  ),
  report('of a set that nobody was given', 'billing', ofCore, () => `hs_${'a'.repeat(32)}`, foreign),
  report(
    'of a set whose seal is altered',
    'billing',
    ofCore,
    async (at) => (await idOf(at, 'billing', headersPath)).replace(/.$/, (last) => (last === 'a' ? 'b' : 'a')),
    foreign,
  ),
  report(
    'of a set whose fingerprint is altered',
    'billing',
    ofCore,
    async (at) =>
      (await idOf(at, 'billing', headersPath)).replace(/^hs_./, (first) => (first === 'hs_a' ? 'hs_b' : 'hs_a')),
    foreign,
  ),
  report(
    'of a set without a seal',
    'billing',
    ofCore,
    async (at) => (await idOf(at, 'billing', headersPath)).slice(0, -16),
    foreign,
  ),
  report(
    'for an API that the caller may not have',
    'reporting',
    ofPayments,
    (at) => idOf(at, 'billing', '/v1/headers/payments'),
    'api-not-allowed',
    'forbidden',
  ),
  report('by a stranger', 'stranger', ofCore, (at) => idOf(at, 'billing', headersPath), 'caller-unknown', 'forbidden'),
];

export const policy: Group = {
  name: 'Policy bypass',
  guarantee: 2,
  rows: [...grants, ...reports.map(([name, ...rest]): Row => [`a report: ${name}`, ...rest])],
  sieges: [
    [
      'a caller is told of its own APIs alone',
      async (at) => {
        const { body } = await at.app.ask(bearer(at.token('reporting'), '/v1/apis'));
        const names = (JSON.parse(body) as { apis: { api: string }[] }).apis.map(({ api }) => api);
        return String(names) === 'core' ? [] : [`told of ${names.join()}`];
      },
    ],
  ],
};
