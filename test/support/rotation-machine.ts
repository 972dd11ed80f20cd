import type { Fingerprint, SubscriptionName } from '../../shared/names.ts';
import type { Observation } from '../../shared/rotation/observation.ts';
import type { RotationPolicy } from '../../shared/rotation/policy.ts';
import type { ProbeVerdict } from '../../shared/rotation/ports.ts';
import type { Intent, RotationRecord } from '../../shared/rotation/record.ts';
import type { Terms } from '../../shared/rotation/terms.ts';
import { sampleRecord } from './sample-record.ts';

/** The wall clock in these tests. */
export const now = 1_000_000_000;
/** Longer ago than anything that the machine waits for. */
export const longAgo = 0;

/** Each is a power of two, so that a sum tells which of them are in it. */
export const terms: Terms = {
  visibilityMs: 1_000,
  readAgeMs: 2_000,
  headerLifetimeMs: 4_000,
  skewMs: 8_000,
  flightMs: 32_000,
  propagationMs: 64_000,
  promiseMs: 1_024_000,
};
/** V + C + H, and what is added to every promise: 2ε + F. */
export const [lastHeaderMs, marginMs] = [7_000, 48_000];
/** G + 2ε: from when a new key is listed until it may be published. */
export const settleMs = 80_000;
/** Request timeout + 2ε: for how long an intent is its owner's. */
export const ownedMs = 144_000;

const policy: RotationPolicy = {
  terms,
  everyMs: 100_000_000,
  requestTimeoutMs: 128_000,
  quarantineMs: 256_000,
  acceptsNeeded: 3,
  isManual: false,
  mayStart: () => true,
};

/** A policy that lets a cycle start at any time. */
export function policyOf(changes: Partial<RotationPolicy> = {}): RotationPolicy {
  return { ...policy, ...changes };
}

export const name = 'okq8-payments' as SubscriptionName;

/** A key's name in these tests. */
export function key(text: string): Fingerprint {
  return text as Fingerprint;
}
export const [first, second, fresh, foreign] = [key('first'), key('second'), key('fresh'), key('foreign')];

/** At rest with the primary published and promised in full; all else is long over, and a cycle is due. */
export function recordOf(changes: Partial<RotationRecord> = {}): RotationRecord {
  return sampleRecord(name, {
    switchedOn: longAgo,
    keys: {
      primary: { fingerprint: first, promisedUntil: now + terms.promiseMs },
      secondary: { fingerprint: second, promisedUntil: longAgo },
    },
    terms,
    recentTerms: terms,
    dueAt: longAgo,
    ...changes,
  });
}

/** The same with the secondary published. */
export function mirrored(changes: Partial<RotationRecord> = {}): RotationRecord {
  const { keys } = recordOf();
  return recordOf({
    active: 'secondary',
    keys: {
      primary: { fingerprint: first, promisedUntil: longAgo },
      secondary: { ...keys.primary, fingerprint: second },
    },
    ...changes,
  });
}

/** An intent whose owner has had its time, unless `changes` say otherwise. */
export function intentOf(changes: Partial<Intent> = {}): Intent {
  return {
    operationId: 'operation',
    runner: 'worker-2',
    startedAt: now - ownedMs,
    fingerprintBefore: second,
    look: undefined,
    ...changes,
  };
}

/** What is seen when all is as the record says, every gateway accepts every key, and the vault can be written. `changes` replace members. */
export function seenBy(record: RotationRecord, changes: Partial<Observation> = {}): Observation {
  const { active, generation, keys } = record;
  const { fingerprint, promisedUntil } = keys[active];
  const listed = { primary: keys.primary.fingerprint, secondary: keys.secondary.fingerprint };
  return {
    published: { fingerprint, generation, safeUntil: promisedUntil },
    listed,
    verdicts: verdicts({ first: 'accepted', second: 'accepted', fresh: 'accepted' }),
    isVaultWritable: true,
    ...changes,
  };
}

/** What two gateways say to each key: the first accepts it, the second says this. */
export function verdicts(ofSecond: Readonly<Record<string, ProbeVerdict>>): NonNullable<Observation['verdicts']> {
  return new Map(Object.entries(ofSecond).map(([text, verdict]) => [key(text), ['accepted', verdict] as const]));
}
