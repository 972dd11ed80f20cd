import type { Clock } from '../clock.ts';
import { untilAborted, withDeadline } from '../deadline.ts';
import type { Fingerprint } from '../names.ts';
import type { Secret } from '../secret.ts';
import type { Log } from '../telemetry/log.ts';
import { judge } from './observation.ts';
import type { KeyAuthority, ListedKeys, RecordStore, StoredRecord } from './ports.ts';
import { nameOf } from './record.ts';
import { createRunner, type Rotated } from './runner.ts';
import { otherSlot } from './slot.ts';
import { fallBack } from './steering.ts';
import { tell } from './tell.ts';

/** One subscription whose active key may be refused. */
export type Endangered = Rotated & {
  /** Both keys as the vault has them, for the time when the authority cannot list them. */
  readonly remembered: Pick<KeyAuthority, 'list'>;
};

/**
 * Publishes the other slot's key in place of one that was refused.
 *
 * @returns whether another key than the refused one is published, as far as can be known: by this worker, or by whoever was first.
 * @throws {BrokerError} when something that it needs could not be seen or written. What it has begun, the next tick ends.
 */
export type FallBack = (endangered: Endangered, refused: Fingerprint, log: Log) => Promise<boolean>;

type Dependencies = {
  clock: Clock;
  records: RecordStore;
  loadFingerprintOf: (signal: AbortSignal) => Promise<(secret: Secret) => Fingerprint>;
  createOperationId: () => string;
};
type Options = {
  /** Names this worker in its intents. */
  runner: string;
};

/** How long somebody else's publish is left alone before it is looked at again. */
const pauseMs = 250;

/**
 * What an operator's rollback is to a rotation, for a key that gateways refuse: the record says first what is to be published, and the runner's
 * steps publish it, behind the same conditional writes and intents. Of several workers that fall back at once one does, and the others see it done.
 */
export function createFallBack(dependencies: Dependencies, { runner: name }: Options): FallBack {
  const { clock, records, loadFingerprintOf } = dependencies;

  return (endangered, refused, log) => {
    const { subscription, authority, remembered, policy, probe } = endangered;

    const pause = (signal: AbortSignal) =>
      untilAborted(new Promise<void>((resolve) => void clock.after(pauseMs, resolve)), signal);

    const listKeys = (signal: AbortSignal): Promise<ListedKeys> =>
      authority.list(signal).catch(() => remembered.list(signal));

    /** @returns the record that falls back, where the machine and all gateways allow it. */
    const prepare = async (
      { record }: StoredRecord,
      fingerprintOf: (secret: Secret) => Fingerprint,
      signal: AbortSignal,
    ) => {
      const listed = await listKeys(signal);
      const alternate = listed[otherSlot(record.active)];
      const fallen = fallBack(record, refused, fingerprintOf(alternate));
      if (!fallen || judge(await probe.try(alternate, signal)) !== 'accepted') return undefined;
      return fallen;
    };

    /** @returns whether a key is being published, or was, in place of the refused one. */
    const begin = async (fingerprintOf: (secret: Secret) => Fingerprint, signal: AbortSignal): Promise<boolean> => {
      const stored = await records.read(subscription, signal);
      if (!stored) return false;
      const { state, keys, active, generation } = stored.record;
      if (state.phase === 'publishing') return true;
      // A read of the vault may be as old as V: the record knows better.
      if (keys[otherSlot(active)].fingerprint === refused && keys[active].fingerprint !== refused) return true;
      const fallen = await prepare(stored, fingerprintOf, signal);
      if (!fallen) return false;
      const [from, to] = [nameOf(state), nameOf(fallen.state)];
      const entry = { subscription, at: clock.wall(), from, to, event: 'fell-back', generation, runner: name };
      if ((await records.write(fallen, stored.etag, entry, signal)) === undefined) return begin(fingerprintOf, signal);
      tell({ subscription, step: 'fall-back', from, to, generation, alert: 'active-key-refused' }, log);
      return true;
    };

    const run = async (signal: AbortSignal): Promise<boolean> => {
      const fingerprintOf = await loadFingerprintOf(signal);
      if (!(await begin(fingerprintOf, signal))) return false;
      const runner = createRunner({ ...dependencies, fingerprintOf, runner: name });
      const publishing = { ...endangered, authority: { ...authority, list: listKeys } };
      for (;;) {
        const report = await runner.publish(publishing, signal);
        tell(report, log);
        if (report.record?.state.phase !== 'publishing') return true;
        // Somebody else is about to.
        if (report.step === 'wait' || report.step === 'lost') await pause(signal);
      }
    };

    return withDeadline(clock, policy.requestTimeoutMs, 'deadline', run);
  };
}
