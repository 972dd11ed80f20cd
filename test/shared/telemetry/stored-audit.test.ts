import { describe, expect, test } from '@jest/globals';
import { BrokerError } from '../../../shared/errors.ts';
import { createLenientAudit, type AuditRecord } from '../../../shared/telemetry/audit.ts';
import { createLog } from '../../../shared/telemetry/log.ts';
import { createStoredAudit } from '../../../shared/telemetry/stored-audit.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMemoryAudit } from '../../support/memory-audit.ts';
import { sampleAudit } from '../../support/sample-audit.ts';
import { refusalOf } from '../http/exchange.ts';

const down = new BrokerError('storage-unavailable', { retryAfterMs: 400 });
const noon = Date.UTC(2026, 10, 24, 12);

function createFixture(onFailure: 'deny' | 'log' = 'deny') {
  const clock = createManualClock();
  const memory = createMemoryAudit();
  const lines: Record<string, unknown>[] = [];
  const write = (level: string) => (line: string) => void lines.push({ level, ...JSON.parse(line) });
  const log = createLog({ info: write('info'), warn: write('warn'), error: write('error') });
  const strict = createStoredAudit({ clock, store: memory.store }, { limitMs: () => 3_000, random: () => 1 });
  const audit = onFailure === 'deny' ? strict : createLenientAudit(strict);
  const accept = (record: AuditRecord) => audit.accept(record, log);
  const take = (caller: string, atMs = noon) => accept(sampleAudit(caller, atMs));
  return { ...memory, clock, lines, accept, take };
}

/** Holds every transaction until it is let go. */
function hold({ state }: Pick<ReturnType<typeof createMemoryAudit>, 'state'>): () => void {
  let letGo = () => {};
  state.gate = new Promise((resolve) => (letGo = resolve));
  return letGo;
}

describe('a stored trail', () => {
  test('accepts a record when it is kept, and not before', async () => {
    const fixture = createFixture();
    const letGo = hold(fixture);
    let isAccepted = false;
    const accepting = fixture.take('billing').then(() => (isAccepted = true));
    await fixture.clock.advance(1);
    expect(isAccepted).toBe(false);
    letGo();
    await accepting;
    expect(fixture.kept).toHaveLength(1);
    expect(fixture.lines).toEqual([]);
  });

  test('keeps what one caller causes at the same time in one transaction of up to a hundred', async () => {
    const fixture = createFixture();
    const letGo = hold(fixture);
    const accepting = Array.from({ length: 251 }, () => fixture.take('billing'));
    letGo();
    await Promise.all(accepting);
    expect(fixture.state.transactions.map(({ length }) => length)).toEqual([1, 100, 100, 50]);
  });

  test('keeps each caller’s records apart, and lets no caller wait for another', async () => {
    const fixture = createFixture();
    const letGo = hold(fixture);
    const stuck = fixture.take('billing');
    await fixture.clock.advance(0);
    fixture.state.gate = Promise.resolve();
    await Promise.all([
      fixture.take('reporting'),
      fixture.accept(sampleAudit('', noon, { caller: undefined as never })),
    ]);
    expect(fixture.state.transactions.map((records) => records.map(({ caller }) => caller))).toEqual([
      ['reporting'],
      [undefined],
    ]);
    letGo();
    await stuck;
  });

  test('keeps the records of two days apart', async () => {
    const fixture = createFixture();
    const letGo = hold(fixture);
    const midnight = Date.UTC(2026, 10, 25);
    const accepting = [0, -1, -1, 0, 1].map((ms) => fixture.take('billing', midnight + ms));
    letGo();
    await Promise.all(accepting);
    expect(fixture.state.transactions.map(({ length }) => length)).toEqual([1, 2, 2]);
  });

  test('refuses a record that cannot be kept, and says why without what it says', async () => {
    const fixture = createFixture();
    fixture.state.fault = new BrokerError('storage-refused');
    expect(await refusalOf(fixture.take('billing'))).toMatchObject({ reason: 'storage-refused' });
    expect(fixture.lines).toEqual([
      expect.objectContaining({
        level: 'warn',
        event: 'audit-unwritten',
        caller: 'billing',
        reason: 'storage-refused',
      }),
    ]);
  });

  test('that is lenient writes such a record to the log, and lets what it tells of happen', async () => {
    const fixture = createFixture('log');
    fixture.state.fault = new BrokerError('storage-refused');
    const record = sampleAudit('billing', noon);
    await fixture.accept(record);
    expect(fixture.lines).toEqual([
      expect.objectContaining({ level: 'warn', event: 'audit-unwritten', requestId: record.requestId }),
      { level: 'info', event: 'audit', ...record },
    ]);
  });

  test('refuses at once while the store is being left alone, with the time that remains, and takes up again', async () => {
    const fixture = createFixture();
    fixture.state.fault = down;
    await refusalOf(fixture.take('billing'));
    await fixture.clock.advance(100);
    await expect(fixture.take('billing')).rejects.toMatchObject({ reason: 'audit-unavailable', retryAfterMs: 300 });
    expect(fixture.state.attempts).toBe(1);
    expect(fixture.lines[1]).toMatchObject({ event: 'audit-unwritten', reason: 'storage-unavailable' });
    fixture.state.fault = undefined;
    await fixture.clock.advance(300);
    await fixture.take('billing');
    await fixture.take('billing');
    expect(fixture.kept).toHaveLength(2);
  });

  test('has one request find out whether the store is back, and refuses all others at once until then', async () => {
    const fixture = createFixture();
    fixture.state.fault = down;
    await refusalOf(fixture.take('billing'));
    await fixture.clock.advance(400);
    fixture.state.fault = undefined;
    const letGo = hold(fixture);
    const trying = fixture.take('billing');
    expect(await refusalOf(fixture.take('billing'))).toMatchObject({ reason: 'audit-unavailable' });
    letGo();
    await trying;
    expect(fixture.kept).toHaveLength(1);
  });

  test('that fails for one caller fails for no other', async () => {
    const fixture = createFixture();
    fixture.state.fault = down;
    await refusalOf(fixture.take('billing'));
    fixture.state.fault = undefined;
    await fixture.take('reporting');
    expect(fixture.kept.map(({ caller }) => caller)).toEqual(['reporting']);
  });

  test('tells all that wait for a transaction that failed, and those behind it, at once', async () => {
    const fixture = createFixture();
    const letGo = hold(fixture);
    const accepting = Array.from({ length: 150 }, () => refusalOf(fixture.take('billing')));
    fixture.state.fault = down;
    letGo();
    const refusals = await Promise.all(accepting);
    expect(refusals).not.toContain('accepted');
    expect(fixture.state.attempts).toBe(1);
  });

  test('that never answers refuses within its limit, and then at once', async () => {
    const fixture = createFixture();
    hold(fixture);
    const [first, second] = [refusalOf(fixture.take('billing')), refusalOf(fixture.take('billing'))];
    await fixture.clock.advance(2_700);
    expect(await first).toMatchObject({ reason: 'storage-unavailable' });
    expect(await second).toMatchObject({ reason: 'audit-unavailable' });
    expect(fixture.clock.pending()).toBe(0);
    expect(await refusalOf(fixture.take('billing'))).toMatchObject({ reason: 'audit-unavailable' });
    expect(fixture.state.attempts).toBe(2);
  });

  test('takes 2,000 that wait of one caller, and refuses the next at once', async () => {
    const fixture = createFixture();
    const letGo = hold(fixture);
    const accepting = Array.from({ length: 2_001 }, () => fixture.take('billing'));
    await expect(fixture.take('billing')).rejects.toMatchObject({ reason: 'audit-unavailable' });
    letGo();
    await Promise.all(accepting);
    expect(fixture.kept).toHaveLength(2_001);
  });
});
