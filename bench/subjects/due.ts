import { randomUUID } from 'node:crypto';
import { writeTags } from '../../shared/azure/key-tags.ts';
import { systemClock as clock } from '../../shared/clock.ts';
import type { Fingerprint, SecretName, SubscriptionName } from '../../shared/names.ts';
import type { RotationPolicy } from '../../shared/rotation/policy.ts';
import { recordFormat } from '../../shared/rotation/record-format.ts';
import type { Rotated } from '../../shared/rotation/runner.ts';
import { createTick } from '../../shared/rotation/tick.ts';
import type { Secret } from '../../shared/secret.ts';
import { createMemoryAuthority, createMemoryProbe } from '../../test/support/memory-authority.ts';
import { createMemoryRecords, createMemoryVault } from '../../test/support/memory-rotation.ts';
import { sampleRecord } from '../../test/support/sample-record.ts';

const dayMs = 86_400_000;

/** A key names itself. */
const fingerprintOf = (secret: Secret) => secret.open() as Fingerprint;

/** Counts calls, and lets each of them take a while. */
export function createLine(latencyMs: number) {
  const calls = { made: 0, underWay: 0, peak: 0 };
  const call = async <T>(answer: () => Promise<T>): Promise<T> => {
    calls.made += 1;
    calls.underWay += 1;
    calls.peak = Math.max(calls.peak, calls.underWay);
    await new Promise((resolve) => setTimeout(resolve, latencyMs));
    const answered = await answer();
    calls.underWay -= 1;
    return answered;
  };
  /** The same port, each of whose functions is such a call. */
  const through = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        return typeof member === 'function' ? (...given: unknown[]) => call(() => member(...given)) : member;
      },
    });
  return { calls, through };
}

type Line = ReturnType<typeof createLine>;

/** So many subscriptions whose alternate key is to be regenerated now, and a tick that moves them. */
export function createDue(count: number, { through }: Line) {
  const { records, put } = createMemoryRecords();
  const regenerated: (() => boolean)[] = [];
  const rotated = Array.from({ length: count }, (_, index): Rotated => {
    const subscription = `subscription-${index}` as SubscriptionName;
    const due = createDueOne(subscription, index, through);
    put(subscription, recordFormat.write(due.record));
    regenerated.push(due.isRegenerated);
    return due.rotated;
  });
  const tickOf = createTick(
    {
      clock,
      records: through(records),
      loadFingerprintOf: async () => fingerprintOf,
      createOperationId: randomUUID,
      meter: { stepped: () => {} },
    },
    { runner: 'bench' },
  );
  return {
    tick: tickOf(rotated),
    countRegenerated: () => regenerated.filter((isRegenerated) => isRegenerated()).length,
  };
}

function createDueOne(subscription: SubscriptionName, index: number, through: Line['through']) {
  const keys = { primary: `p${toName(index)}`, secondary: `s${toName(index)}` };
  const now = clock.wall();
  const record = sampleRecord(subscription, {
    switchedOn: now - dayMs,
    keys: {
      primary: { fingerprint: keys.primary as Fingerprint, promisedUntil: now + dayMs },
      secondary: { fingerprint: keys.secondary as Fingerprint, promisedUntil: 0 },
    },
    state: { phase: 'regenerating', slot: 'secondary', intent: undefined },
    cycleFrom: 'secondary',
  });
  const { generation, active: slot } = record;
  const vault = createMemoryVault();
  const name = 'key' as SecretName;
  const publisher = vault.publisherOf(name);
  const { fingerprint, promisedUntil } = record.keys.primary;
  vault.put(name, keys.primary, writeTags({ generation, slot, fingerprint, safeUntil: promisedUntil }));
  const authority = createMemoryAuthority(keys);
  const accepts = new Map([[keys.primary, 'accepted' as const]]);
  const rotated: Rotated = {
    subscription,
    policy: { ...policy, terms: record.terms },
    authority: through(authority.authority),
    publisher: through(publisher),
    probe: through(createMemoryProbe([accepts, accepts])),
  };
  return { record, rotated, isRegenerated: () => authority.state.keys.secondary !== keys.secondary };
}

const policy: Omit<RotationPolicy, 'terms'> = {
  everyMs: 30 * dayMs,
  requestTimeoutMs: 40_000,
  quarantineMs: 200_000,
  acceptsNeeded: 3,
  isManual: false,
  mayStart: () => true,
};

/** As long as a fingerprint is, less one. */
function toName(index: number): string {
  return String(index).padStart(11, '0');
}
