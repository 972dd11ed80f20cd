import { describe, expect, test } from '@jest/globals';
import type { Rejections } from '../../../shared/credentials/rejections.ts';
import { createRejectionsRoute } from '../../../shared/http/rejections.ts';
import type { AuditFacts } from '../../../shared/telemetry/audit.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { exchangeOf, refusalOf, signal } from './exchange.ts';
import { admission, headerSetFor, needing, setIds, paymentsAnswer } from './offers.ts';

type Report = Parameters<Rejections['reject']>[0];

/** Sealed ids in the tests are plain text; a caller's report must have one that its schema lets pass. */
const sealed = 'hs_keykeykeykeyseal';

/** `POST /v1/headers/{api}/rejections` of `billing`, with the reports that were looked into. */
function createFixture() {
  const reports: Report[] = [];
  const facts: AuditFacts = {};
  const route = createRejectionsRoute({
    ...admission,
    clock: createManualClock(),
    rejections: {
      reject: async (report) => {
        reports.push(report);
        return { set: headerSetFor(report.requirement), rejection: { credential: 'token', action: 'replaced' } };
      },
    },
    setIds: {
      ...setIds,
      unseal: (id, recipient, until) =>
        setIds.unseal(id === sealed ? 'hs_keykeykeykey billing payments get' : id, recipient, until),
    },
  });
  const send = (body: unknown, query = '?access=get') =>
    route(
      exchangeOf({
        method: 'POST',
        url: `https://broker.example/v1/headers/payments/rejections${query}`,
        params: { api: 'payments' },
        headers: { 'content-type': 'application/json' },
        body: { string: typeof body === 'string' ? body : JSON.stringify(body) },
      }),
      facts,
      signal,
    );
  return { send, reports, facts };
}

describe('POST /v1/headers/{api}/rejections', () => {
  test('answers with what is current now, its id sealed, and what was made of the report', async () => {
    const { send, reports } = createFixture();
    const { status, body } = await send({ id: sealed, status: 401, body: 'no' });
    expect([status, JSON.parse(body)]).toEqual([
      200,
      {
        ...paymentsAnswer('get'),
        rejection: { credential: 'token', action: 'replaced' },
      },
    ]);
    expect(reports).toEqual([{ requirement: needing('get'), id: 'hs_keykeykeykey', status: 401, body: 'no' }]);
  });

  test('notes for the audit what was made of it, and what was given', async () => {
    const { send, facts } = createFixture();
    await send({ id: sealed, status: 403 });
    expect(facts).toEqual({
      api: 'payments',
      access: 'get',
      key: 'keykeykeykey',
      token: 'tokentokento',
      expiresOn: '2026-11-24T03:04:59.999Z',
      rejected: 'token',
      rejection: 'replaced',
    });
  });

  test('needs nothing of what the API wrote', async () => {
    const { send, reports } = createFixture();
    await send({ id: sealed, status: 429 });
    expect(reports).toEqual([expect.objectContaining({ status: 429, body: '' })]);
  });

  test('takes the id of a set that was given to this caller for this API and access level, and no other', async () => {
    const { send, reports } = createFixture();
    const foreign = { code: 'foreign-header-set', reason: 'set-foreign' };
    expect(await refusalOf(send({ id: sealed, status: 401 }, ''))).toEqual(foreign);
    expect(await refusalOf(send({ id: 'hs_another_set_altogether', status: 401 }))).toEqual(foreign);
    expect(reports).toEqual([]);
  });

  test.each([
    ['nothing', ''],
    ['no id', { status: 401 }],
    ['no id of ours', { id: 'x', status: 401 }],
    ['an id and more', { id: `${sealed} x`, status: 401 }],
    ['more before an id', { id: `x${sealed}`, status: 401 }],
    ['an id that is too short', { id: 'hs_short', status: 401 }],
    ['an id that is too long', { id: `hs_${'x'.repeat(41)}`, status: 401 }],
    ['no status', { id: sealed }],
    ['a status that is none of the three', { id: sealed, status: 500 }],
    ['a status in words', { id: sealed, status: '401' }],
    ['a text that is too long', { id: sealed, status: 401, body: 'x'.repeat(4_097) }],
    ['something more', { id: sealed, status: 401, more: 1 }],
  ])('refuses a report with %s, and looks at no credential', async (_what, body) => {
    const { send, reports } = createFixture();
    expect(await refusalOf(send(body))).toEqual({ code: 'invalid-request', reason: 'report-malformed' });
    expect(reports).toEqual([]);
  });

  test('takes 4096 characters of the API’s answer, however JSON escapes them, and 32 KB in all', async () => {
    const { send, reports } = createFixture();
    const escaped = `{"id":"${sealed}","status":401,"body":"${'\\u00e5'.repeat(4_096)}"}`;
    await send(escaped);
    expect(reports).toEqual([expect.objectContaining({ body: 'å'.repeat(4_096) })]);
    await send(escaped.padEnd(32_768));
    const refusal = { code: 'invalid-request', reason: 'report-too-long' };
    expect(await refusalOf(send(escaped.padEnd(32_769)))).toEqual(refusal);
  });
});
