import { describe, expect, test } from '@jest/globals';
import { BrokerError } from '../../../shared/errors.ts';
import { createAudited, type Decide } from '../../../shared/http/audited.ts';
import { jsonAnswer } from '../../../shared/http/answer.ts';
import { serve } from '../../../shared/http/serve.ts';
import type { ApiName, CallerName } from '../../../shared/names.ts';
import type { Audit, AuditRecord } from '../../../shared/telemetry/audit.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { call, problemIn, requestId } from './exchange.ts';

/** An audited route behind a handler, with what its audit was given. */
function createFixture(decide: Decide, accept: () => Promise<void> = async () => {}) {
  const clock = createManualClock();
  const records: AuditRecord[] = [];
  const audit: Audit = {
    accept: (record) => {
      records.push(record);
      return accept();
    },
  };
  const route = createAudited({ clock, audit }, 'headers.hand-out', decide);
  return { clock, records, handler: serve({ clock, requestTimeoutMs: 5_000 }, ['GET'], route) };
}

const handOut: Decide = async (_exchange, facts) => {
  Object.assign(facts, { caller: 'billing' as CallerName, api: 'core' as ApiName });
  return jsonAnswer({ secret: 'CANARYfeedface' });
};
const failWith =
  (error: unknown): Decide =>
  async (_exchange, facts) => {
    facts.caller = 'billing' as CallerName;
    throw error;
  };

describe('a decision', () => {
  test('is recorded once, with who, what and how long', async () => {
    const { handler, records, clock } = createFixture(async (exchange, facts, signal) => {
      await clock.advance(12.3456);
      return handOut(exchange, facts, signal);
    });
    await clock.advance(500);
    await call(handler);
    expect(records).toEqual([
      {
        time: '2026-11-24T03:00:00.512Z',
        requestId,
        action: 'headers.hand-out',
        outcome: 'allowed',
        code: null,
        reason: null,
        status: 200,
        durationMs: 12.346,
        caller: 'billing',
        api: 'core',
      },
    ]);
  });

  test('has its record accepted before its answer leaves', async () => {
    let acceptNow = () => {};
    const accepted = new Promise<void>((resolve) => (acceptNow = resolve));
    const { handler, records, clock } = createFixture(handOut, () => accepted);
    let left = false;
    const seen = call(handler).finally(() => (left = true));
    await clock.advance(0);
    expect({ left, records: records.length }).toEqual({ left: false, records: 1 });
    acceptNow();
    expect((await seen).status).toBe(200);
  });

  test.each<[string, () => Promise<void>]>([
    ['refuses', () => Promise.reject(new Error('the trail is full'))],
    [
      'throws',
      () => {
        throw new Error('the trail is broken');
      },
    ],
  ])('that the audit %s is 503, and nothing that the route answered leaves', async (_how, accept) => {
    const seen = await call(createFixture(handOut, accept).handler);
    expect(seen.status).toBe(503);
    expect(problemIn(seen)['code']).toBe('upstream-unavailable');
    expect(JSON.stringify(seen)).not.toContain('CANARY');
  });

  test('that the audit refuses for a while is 503 with that while', async () => {
    const refuse = () => Promise.reject(new BrokerError('audit-unavailable', { retryAfterMs: 7_000 }));
    expect((await call(createFixture(handOut, refuse).handler)).headers).toMatchObject({ 'retry-after': '7' });
  });

  test('that the audit refuses is told on the log', async () => {
    const { lines } = await call(createFixture(handOut, () => Promise.reject(new Error('the trail is full'))).handler);
    expect(lines).toEqual([expect.objectContaining({ reason: 'audit-unavailable' })]);
  });

  test('that the audit does not answer to ends with the request’s deadline, and nothing leaves', async () => {
    const { handler, clock } = createFixture(handOut, () => new Promise(() => {}));
    const seen = call(handler);
    await clock.advance(5_000);
    expect((await seen).status).toBe(503);
    expect(JSON.stringify(await seen)).not.toContain('CANARY');
  });

  test.each([
    ['refused', new BrokerError('token-missing'), 'missing-token', 'token-missing', 401],
    ['refused', new BrokerError('api-not-allowed'), 'forbidden', 'api-not-allowed', 403],
    ['refused', new BrokerError('rate-limit'), 'too-many-requests', 'rate-limit', 429],
    ['failed', new BrokerError('entra-secret-wrong'), 'upstream-rejected', 'entra-secret-wrong', 502],
    ['failed', new BrokerError('vault-unavailable'), 'upstream-unavailable', 'vault-unavailable', 503],
    ['failed', new TypeError('CANARYfeedface'), 'internal-error', 'unexpected', 500],
  ])('that is %s (%p) is recorded with why, as the caller is told', async (outcome, error, code, reason, status) => {
    const { handler, records } = createFixture(failWith(error));
    const seen = await call(handler);
    expect(records).toEqual([
      expect.objectContaining({ outcome, code, reason, status, caller: 'billing', action: 'headers.hand-out' }),
    ]);
    expect(seen.status).toBe(status);
    expect(JSON.stringify([seen, records])).not.toContain('CANARY');
  });

  test('that fails with nothing is recorded as failed', async () => {
    const { handler, records } = createFixture(failWith(undefined));
    expect((await call(handler)).status).toBe(500);
    expect(records).toEqual([expect.objectContaining({ outcome: 'failed', reason: 'unexpected', status: 500 })]);
  });

  test('that is refused is 503 when its record is not accepted', async () => {
    const refuse = () => Promise.reject(new Error('the trail is full'));
    const { handler, records } = createFixture(failWith(new BrokerError('api-unknown')), refuse);
    expect((await call(handler)).status).toBe(503);
    expect(records).toHaveLength(1);
  });

  test('that the deadline ends is recorded as failed', async () => {
    const { handler, records, clock } = createFixture(async (_exchange, _facts, signal) => {
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      return jsonAnswer({});
    });
    const seen = call(handler);
    await clock.advance(5_000);
    expect((await seen).status).toBe(503);
    expect(records).toEqual([expect.objectContaining({ outcome: 'failed', reason: 'deadline', durationMs: 5_000 })]);
  });
});
