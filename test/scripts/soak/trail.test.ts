import { beforeEach, describe, expect, test } from '@jest/globals';
import { createTrail, settledMs, type AuditRecord, type Trail } from '../../../scripts/soak/trail.ts';

const startedAt = Date.UTC(2026, 10, 24, 3);
const second = 1_000;
let records: AuditRecord[];
let isDown: boolean;
let trail: Trail;

beforeEach(() => {
  records = [];
  isDown = false;
  const isWithin = (time: string, since: number, until: number) =>
    Date.parse(time) >= since && Date.parse(time) <= until;
  trail = createTrail(async (since, until) => {
    if (isDown) throw new Error('The trail cannot be read.');
    return records.filter(({ time }) => isWithin(time, since, until));
  }, startedAt);
});

function record(requestId: string, atMs: number, more: Partial<AuditRecord> = {}): void {
  const time = new Date(startedAt + atMs).toISOString();
  records.push({ time, requestId, action: 'headers.hand-out', outcome: 'allowed', reason: null, ...more });
}

const readOn = (atMs: number) => trail.readOn(startedAt + atMs);
const handOut = (requestId: string, atMs: number) => trail.handedOut(requestId, startedAt + atMs);

describe('The soak looks for each hand-out in the audit trail:', () => {
  test('one that is there is confirmed', async () => {
    record('one', 1 * second);
    handOut('one', 2 * second);
    expect(await readOn(20 * second)).toEqual([]);
    expect(trail.confirmed()).toBe(1);
  });

  test('one that is not there is found', async () => {
    record('one', 1 * second, { outcome: 'failed', reason: 'vault-unavailable' });
    handOut('one', 2 * second);
    expect(await readOn(20 * second)).toMatchObject([{ broken: 4 }]);
    expect(trail.confirmed()).toBe(0);
  });

  test('one that was decided before one reading and answered before the next is confirmed', async () => {
    record('one', 10 * second);
    expect(await readOn(10 * second + settledMs)).toEqual([]);
    handOut('one', 11 * second);
    expect(await readOn(30 * second)).toEqual([]);
    expect(trail.confirmed()).toBe(1);
  });

  test('one that is too new to be looked for is looked for later', async () => {
    handOut('one', 20 * second);
    expect(await readOn(20 * second + settledMs - 1)).toEqual([]);
    expect(await readOn(20 * second + settledMs)).toMatchObject([{ broken: 4 }]);
  });

  test('what cannot be read now is read later, each record once', async () => {
    record('one', 1 * second, { outcome: 'refused', reason: 'signature' });
    isDown = true;
    expect(await readOn(20 * second)).toEqual([]);
    isDown = false;
    for (const at of [30, 40, 50]) expect(await readOn(at * second)).toEqual([]);
    expect([...trail.reasons()]).toEqual([['signature', 1]]);
  });

  test('one that cannot be looked for to the end is found', async () => {
    isDown = true;
    handOut('one', 1 * second);
    expect(
      await trail.conclude(
        () => startedAt + 60 * second,
        async () => {},
      ),
    ).toMatchObject([{ broken: 4 }]);
  });
});

describe('A hand-out that failed although what was cached was good', () => {
  test.each(['vault-unavailable', 'entra-refused', 'signing-keys-unavailable'])(
    'is found where it failed for %s',
    async (reason) => {
      record('one', 1 * second, { outcome: 'failed', reason });
      trail.refusedThoughGood('one');
      expect(await readOn(20 * second)).toMatchObject([{ broken: 6 }]);
    },
  );

  test('is no violation where it failed for something else', async () => {
    record('one', 1 * second, { outcome: 'failed', reason: 'audit-unavailable' });
    trail.refusedThoughGood('one');
    expect(await readOn(20 * second)).toEqual([]);
  });
});
