import { describe, expect, test } from '@jest/globals';
import { BrokerError } from '../../../shared/errors.ts';
import { createRotationRoute } from '../../../shared/http/rotations.ts';
import type { StatedReason } from '../../../shared/names.ts';
import { toRotationView } from '../../../shared/operations/rotation-view.ts';
import type { Rotations } from '../../../shared/operations/rotations.ts';
import type { AuditFacts } from '../../../shared/telemetry/audit.ts';
import { caller } from '../../support/caller-tokens.ts';
import { name as subscription, policyOf } from '../../support/rotation-machine.ts';
import { sampleHistory, sampleRecord } from '../../support/sample-record.ts';
import { exchangeOf, refusalOf, signal } from './exchange.ts';

const at = Date.UTC(2026, 10, 24, 12);
const rotation = toRotationView(sampleRecord(subscription), policyOf(), at);
const history = [
  sampleHistory(subscription, { at, statedReason: 'a drill' as StatedReason }),
  sampleHistory(subscription, { at: at - 1 }),
];

function createFixture(authenticated: Promise<void> = Promise.resolve()) {
  const needs: string[] = [];
  const read: string[] = [];
  const facts: AuditFacts = {};
  const rotations: Pick<Rotations, 'read'> = {
    read: async (name) => {
      read.push(name);
      return { rotation, problem: null, history };
    },
  };
  const route = createRotationRoute({
    authenticateOperator: async (_request, need) => {
      needs.push(need);
      await authenticated;
      return { ...caller, mayWrite: false };
    },
    subscriptions: new Set([subscription]),
    rotations,
  });
  const ask = (params: Record<string, string> = { subscription }, query = '') =>
    route(exchangeOf({ url: `https://broker.example/v1/rotations/x${query}`, params }), facts, signal);
  return { ask, facts, needs, read };
}

describe('GET /v1/rotations/{subscription}', () => {
  test('tells where a rotation stands, and its history in the order in which it is kept', async () => {
    const { ask, needs } = createFixture();
    const line = { from: 'idle', to: 'regenerating-secondary', event: 'entered', generation: 4, by: 'worker-1' };
    expect(JSON.parse((await ask()).body)).toEqual({
      subscription,
      rotation,
      problem: null,
      history: [
        { ...line, on: '2026-11-24T12:00:00.000Z', statedReason: 'a drill' },
        { ...line, on: '2026-11-24T11:59:59.999Z', statedReason: null },
      ],
    });
    expect(needs).toEqual(['read']);
  });

  test('has on record whose it was', async () => {
    const { ask, facts } = createFixture();
    await ask();
    expect(facts).toEqual({ subscription });
  });

  test.each([{ subscription: 'nosuch' }, { subscription: '' }, {}])(
    'is refused for what the configuration does not name: %j',
    async (params) => {
      const { ask, read, facts } = createFixture();
      expect(await refusalOf(ask(params as Record<string, string>))).toEqual({
        code: 'not-found',
        reason: 'subscription-unknown',
      });
      expect([read, facts]).toEqual([[], {}]);
    },
  );

  test('takes no query', async () => {
    const { ask, read } = createFixture();
    expect(await refusalOf(ask({ subscription }, '?limit=1'))).toMatchObject({ reason: 'query-unknown' });
    expect(read).toEqual([]);
  });

  test('is for operators alone, who alone are told which subscriptions there are', async () => {
    const { ask, read } = createFixture(Promise.reject(new BrokerError('role-missing')));
    expect(await refusalOf(ask({ subscription: 'nosuch' }, '?limit=1'))).toMatchObject({ reason: 'role-missing' });
    expect(read).toEqual([]);
  });
});
