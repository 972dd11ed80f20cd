import type { Fingerprint, SubscriptionName } from '../../shared/names.ts';
import type { HistoryEntry } from '../../shared/rotation/ports.ts';
import type { RotationRecord } from '../../shared/rotation/record.ts';

const noon = Date.UTC(2026, 10, 24, 12);

const terms = {
  visibilityMs: 60_000,
  readAgeMs: 60_000,
  headerLifetimeMs: 300_000,
  skewMs: 10_000,
  flightMs: 15_000,
  propagationMs: 600_000,
  promiseMs: 21_600_000,
};

/** A record as the machine keeps it between two cycles. */
export function sampleRecord(
  subscription: SubscriptionName,
  changes: Partial<Omit<RotationRecord, 'subscription'>> = {},
): RotationRecord {
  return {
    schemaVersion: 1,
    subscription,
    generation: 4,
    active: 'primary',
    switchedOn: noon - 3_600_000,
    keys: {
      primary: { fingerprint: 'pppppppppppp' as Fingerprint, promisedUntil: noon + 21_600_000 },
      secondary: { fingerprint: 'ssssssssssss' as Fingerprint, promisedUntil: 0 },
    },
    terms,
    recentTerms: terms,
    state: { phase: 'idle' },
    paused: false,
    dueAt: noon + 2_592_000_000,
    cycleFrom: undefined,
    compromised: undefined,
    unsettled: undefined,
    lastFailure: undefined,
    ...changes,
  };
}

/** A line of a subscription's history. */
export function sampleHistory(subscription: SubscriptionName, changes: Partial<HistoryEntry> = {}): HistoryEntry {
  return {
    subscription,
    at: noon,
    from: 'idle',
    to: 'regenerating-secondary',
    event: 'entered',
    generation: 4,
    runner: 'worker-1',
    ...changes,
  };
}
