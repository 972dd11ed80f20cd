import { describe, expect, test } from '@jest/globals';
import { BrokerError } from '../../../shared/errors.ts';
import { createAppend } from '../../../shared/telemetry/audit-append.ts';
import type { AuditStore } from '../../../shared/telemetry/ports.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMemoryAudit } from '../../support/memory-audit.ts';
import { sampleAudit } from '../../support/sample-audit.ts';
import { refusalOf } from '../http/exchange.ts';

const records = [sampleAudit('billing', 0), sampleAudit('billing', 1)];
const lost = new BrokerError('storage-unavailable');

function createFixture() {
  const clock = createManualClock();
  const memory = createMemoryAudit();
  return { ...memory, clock, append: createAppend({ clock, store: memory.store }, () => 3_000) };
}

describe('keeping records', () => {
  test('is one attempt where that is answered', async () => {
    const { append, state, kept } = createFixture();
    await append(records);
    expect({ kept, attempts: state.attempts }).toEqual({ kept: records, attempts: 1 });
  });

  test('takes a second attempt that finds them there for the answer to the first', async () => {
    const { append, state, kept } = createFixture();
    state.loseAnswers = lost;
    await append(records);
    expect({ kept, attempts: state.attempts }).toEqual({ kept: records, attempts: 2 });
  });

  test('takes records that are there at the first attempt for somebody else’s', async () => {
    const { append, state } = createFixture();
    await append(records);
    expect(await refusalOf(append(records))).toMatchObject({ reason: 'storage-refused' });
    expect(state.attempts).toBe(2);
  });

  test('is tried twice where nobody answers, and no more', async () => {
    const { append, state } = createFixture();
    state.fault = lost;
    expect(await refusalOf(append(records))).toMatchObject({ reason: 'storage-unavailable' });
    expect(state.attempts).toBe(2);
  });

  test.each([
    ['refused', new BrokerError('storage-refused')],
    ['told to come later', new BrokerError('storage-unavailable', { retryAfterMs: 1_000 })],
    ['without an identity', new BrokerError('identity-unavailable')],
  ])('is tried once where it is %s', async (_how, fault) => {
    const { append, state } = createFixture();
    state.fault = fault;
    expect(await refusalOf(append(records))).toMatchObject({ reason: fault.reason });
    expect(state.attempts).toBe(1);
  });

  test('ends within its limit, each attempt within half of it, and tells the store so', async () => {
    const clock = createManualClock();
    const endedAt: number[] = [];
    const append: AuditStore['append'] = (_records, signal) =>
      new Promise(() => signal.addEventListener('abort', () => endedAt.push(clock.monotonic())));
    const ended = refusalOf(createAppend({ clock, store: { append } }, () => 3_000)(records));
    await clock.advance(3_000);
    expect(await ended).toMatchObject({ reason: 'storage-unavailable' });
    expect(endedAt).toEqual([1_500, 3_000]);
    expect(clock.pending()).toBe(0);
  });
});
