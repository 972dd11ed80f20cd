import { describe, expect, jest, test } from '@jest/globals';
import { BrokerError } from '../../../shared/errors.ts';
import { createRefreshing } from '../../../shared/refreshing.ts';
import type { Audit, AuditRecord } from '../../../shared/telemetry/audit.ts';
import { createLog } from '../../../shared/telemetry/log.ts';
import { countAsked, countAuditFailures, countDecisions, createMeasure } from '../../../shared/telemetry/measured.ts';
import { combineMeters } from '../../../shared/telemetry/meter.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const signal = new AbortController().signal;

function createRecordingMeter() {
  const [stepped, keyRefused] = [jest.fn(), jest.fn()];
  return { decided: jest.fn(), asked: jest.fn(), loaded: jest.fn(), stepped, keyRefused, auditFailed: jest.fn() };
}

describe('a load', () => {
  test('is told of with its duration, and gives what it gave', async () => {
    const [clock, meter] = [createManualClock(), createRecordingMeter()];
    const load = { kind: 'identity' } as const;
    const run = async () => {
      await clock.advance(12);
      return 'token';
    };
    await expect(createMeasure(clock, meter)(load)(run)).resolves.toBe('token');
    expect(meter.loaded.mock.calls).toEqual([[load, 12]]);
  });

  test.each([
    [new BrokerError('vault-forbidden'), 'vault-forbidden'],
    [new Error('CANARY'), 'unexpected'],
  ])('that fails is told of with its reason, and fails as it did: %s', async (error, reason) => {
    const [clock, meter] = [createManualClock(), createRecordingMeter()];
    const load = { kind: 'identity' } as const;
    const run = async () => {
      throw error;
    };
    await expect(createMeasure(clock, meter)(load)(run)).rejects.toBe(error);
    expect(meter.loaded.mock.calls).toEqual([[load, 0, reason]]);
  });
});

describe('a cache that is asked', () => {
  function createFixture(load: () => Promise<string> = async () => 'value') {
    const [clock, meter] = [createManualClock(), createRecordingMeter()];
    const loaded = async () => ({ value: await load(), refreshAt: clock.monotonic() + 60_000, expiresAt: 120_000 });
    const cache = createRefreshing(clock, loaded, { shortLived: 'deadline', onFailure: () => {} });
    const of = countAsked(meter, 'key', (_name: string) => cache);
    return { clock, meter, of };
  }

  test('answers a miss first and hits after', async () => {
    const { meter, of } = createFixture();
    await of('core').get(0, signal);
    await of('core').get(0, signal);
    await of('core').get(0, signal);
    expect(meter.asked.mock.calls).toEqual([
      ['key', false],
      ['key', true],
      ['key', true],
    ]);
  });

  test('misses for everybody who waits', async () => {
    const { meter, of } = createFixture();
    await Promise.all([of('core').get(0, signal), of('core').get(0, signal)]);
    expect(meter.asked.mock.calls).toEqual([
      ['key', false],
      ['key', false],
    ]);
  });

  test('misses where nothing is to be had', async () => {
    const { meter, of } = createFixture(() => Promise.reject(new BrokerError('vault-forbidden')));
    await expect(of('core').get(0, signal)).rejects.toMatchObject({ reason: 'vault-forbidden' });
    expect(meter.asked.mock.calls).toEqual([['key', false]]);
  });

  test('is the same object each time', () => {
    const { of } = createFixture();
    expect(of('core')).toBe(of('core'));
  });
});

describe('a decision', () => {
  const record = { action: 'headers.hand-out', outcome: 'allowed', code: null } as AuditRecord;
  const log = createLog({ info: () => {}, warn: () => {}, error: () => {} });
  const accepting: Audit = { accept: async () => {} };
  const full = new Error('full');
  const refusing: Audit = { accept: () => Promise.reject(full) };

  test('is told of once its record is accepted', async () => {
    const meter = createRecordingMeter();
    await countDecisions(meter, countAuditFailures(meter, accepting)).accept(record, log);
    expect(meter.decided.mock.calls).toEqual([[record]]);
    expect(meter.auditFailed).not.toHaveBeenCalled();
  });

  test('has failed where its record is not accepted, whatever it was', async () => {
    const meter = createRecordingMeter();
    const accepted = countDecisions(meter, countAuditFailures(meter, refusing)).accept(record, log);
    await expect(accepted).rejects.toBe(full);
    expect(meter.decided.mock.calls).toEqual([[{ ...record, outcome: 'failed', code: 'upstream-unavailable' }]]);
    expect(meter.auditFailed).toHaveBeenCalledTimes(1);
  });
});

test('several meters are each told everything', () => {
  const [one, other] = [createRecordingMeter(), createRecordingMeter()];
  const meter = combineMeters(one, other);
  meter.decided({ action: 'x', outcome: 'allowed', code: null, durationMs: 1 });
  meter.asked('key', true);
  meter.loaded({ kind: 'key' }, 1, 'deadline');
  meter.stepped({ subscription: 'core' as never, step: 'wait', failure: undefined, record: undefined });
  meter.keyRefused('core' as never);
  meter.auditFailed();
  for (const told of Object.values(one)) expect(told).toHaveBeenCalledTimes(1);
  for (const [name, told] of Object.entries(other)) {
    expect(told.mock.calls).toEqual(one[name as keyof typeof one].mock.calls);
  }
});
