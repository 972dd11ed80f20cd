import { describe, expect, test } from '@jest/globals';
import { BrokerError } from '../../../shared/errors.ts';
import { createAuditRoute } from '../../../shared/http/audit.ts';
import { auditAnswer } from '../../../shared/http/contract/audit.ts';
import type { AuthenticateOperator } from '../../../shared/http/operator.ts';
import type { CallerName, Guid } from '../../../shared/names.ts';
import type { AuditFacts } from '../../../shared/telemetry/audit.ts';
import type { AuditStore } from '../../../shared/telemetry/ports.ts';
import { fixedTrails } from '../../../shared/telemetry/trail.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMemoryAudit } from '../../support/memory-audit.ts';
import { sampleAudit } from '../../support/sample-audit.ts';
import { exchangeOf, refusalOf, signal } from './exchange.ts';

const objectId = 'ffc40fd3-4d00-49d7-9132-d08806896f13' as Guid;
const operator = { objectId, clientId: undefined, mayWrite: false };

function createFixture({ store }: { store?: Pick<AuditStore, 'read'> | undefined } = createMemoryAudit()) {
  const clock = createManualClock();
  const asked: unknown[] = [];
  const authenticateOperator: AuthenticateOperator = async ({ headers }, need, facts) => {
    asked.push(need);
    if (!headers.has('authorization')) throw new BrokerError('token-missing');
    facts.objectId = objectId;
    return operator;
  };
  const trails = ['billing' as CallerName, ...fixedTrails];
  const route = createAuditRoute({ clock, authenticateOperator, store, trails });
  const facts: AuditFacts = {};
  const ask = async (query: string, headers: Record<string, string> = { authorization: 'Bearer x' }) => {
    const url = `https://broker.example/v1/audit?${query}`;
    const { status, body } = await route(exchangeOf({ url, headers }), facts, signal);
    const answer: unknown = JSON.parse(body);
    expect(() => auditAnswer.parse(answer)).not.toThrow();
    return { status, ...auditAnswer.parse(answer) };
  };
  return { clock, ask, facts, asked };
}

describe('the trail', () => {
  test('is answered newest first, as the contract says', async () => {
    const { store } = createMemoryAudit();
    const { clock, ask } = createFixture({ store });
    const refused = { outcome: 'refused', code: 'forbidden', reason: 'api-not-allowed', status: 403 } as const;
    const [older, newer] = [
      sampleAudit('billing', clock.wall() - 2, refused),
      sampleAudit('billing', clock.wall() - 1),
    ];
    await store.append([older, newer], signal);
    await store.append([sampleAudit('reporting', clock.wall())], signal);
    expect(await ask('caller=billing')).toEqual({ status: 200, records: [newer, older], complete: true });
  });

  test('says whether there are more than were asked for', async () => {
    const { store } = createMemoryAudit();
    const { clock, ask } = createFixture({ store });
    for (const ago of [1, 2, 3]) await store.append([sampleAudit('billing', clock.wall() - ago)], signal);
    expect(await ask('caller=billing&limit=2')).toMatchObject({ complete: false, records: { length: 2 } });
    expect(await ask('caller=billing&limit=3')).toMatchObject({ complete: true, records: { length: 3 } });
  });

  test('is for operators who may read', async () => {
    const { ask, asked } = createFixture();
    expect(await refusalOf(ask('caller=billing', {}))).toMatchObject({ reason: 'token-missing' });
    await ask('caller=billing');
    expect(asked).toEqual(['read', 'read']);
  });

  test('tells of nothing before it knows who asks', async () => {
    const { ask } = createFixture({ store: undefined });
    expect(await refusalOf(ask('nonsense', {}))).toMatchObject({ reason: 'token-missing' });
  });

  test.each(['billing', '_unknown', '_operators'])('has it noted that %s’s was read', async (caller) => {
    const { ask, facts } = createFixture();
    await ask(`caller=${caller}`);
    expect(facts).toEqual({ objectId, trail: caller });
  });

  test('of a caller that the configuration does not name can be read, and its name is noted nowhere', async () => {
    const { ask, facts } = createFixture();
    expect(await ask('caller=canary0123456789abcdef')).toMatchObject({ records: [] });
    expect(facts).toEqual({ objectId });
  });

  test('is in the log, where it is not in a table', async () => {
    const { ask } = createFixture({ store: undefined });
    expect(await refusalOf(ask('caller=billing'))).toEqual({ code: 'not-found', reason: 'audit-in-log' });
  });

  test('with a row that is no record is not answered as if it had none', async () => {
    const { ask } = createFixture({ store: { read: async () => [{ ...sampleAudit('billing', 0), status: 'ok' }] } });
    expect(await refusalOf(ask('caller=billing'))).toMatchObject({ reason: 'record-corrupt' });
  });

  test('has members that a later broker adds', async () => {
    const record = { ...sampleAudit('billing', 0), later: 'x' };
    const { ask } = createFixture({ store: { read: async () => [record] } });
    expect((await ask('caller=billing')).records).toEqual([record]);
  });

  test('whose store is down is 503', async () => {
    const { store, state } = createMemoryAudit();
    state.fault = new BrokerError('storage-unavailable');
    expect(await refusalOf(createFixture({ store }).ask('caller=billing'))).toMatchObject({
      code: 'upstream-unavailable',
    });
  });
});
