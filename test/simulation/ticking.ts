import type { Clock } from '../../shared/clock.ts';
import { neverAborted } from '../../shared/deadline.ts';
import type { Fingerprint, Named } from '../../shared/names.ts';
import type { RecordStore } from '../../shared/rotation/ports.ts';
import { createRunner, type Rotated } from '../../shared/rotation/runner.ts';
import { createTick } from '../../shared/rotation/tick.ts';
import type { Secret } from '../../shared/secret.ts';
import type { Log } from '../../shared/telemetry/log.ts';
import { describeError } from '../../shared/telemetry/redaction.ts';

/** One subscription, and where its record is. */
export type Moved = {
  readonly rotated: Rotated;
  readonly records: RecordStore;
  readonly fingerprintOf: (secret: Secret) => Fingerprint;
};

type Options = { clock: Clock; name: string; log: Log };

/** A step that may take longer than this is cut off by the broker's own tick. */
const longestStepMs = 50_000;

/** One turn of a worker's timer: the broker's own tick; or, where an intent's owner may take longer than that allows, its runner alone. */
export function createTicking(moved: readonly Moved[], { clock, name, log }: Options): () => Promise<void> {
  let operations = 0;
  const createOperationId = () => `${name}-${(operations += 1)}`;
  const [first] = moved;
  if (!first) throw new RangeError('There is no subscription.');
  const { fingerprintOf } = first;

  if (moved.every(({ rotated }) => rotated.policy.requestTimeoutMs < longestStepMs)) {
    const tick = createTick(
      {
        clock,
        records: joinRecords(moved),
        loadFingerprintOf: () => Promise.resolve(fingerprintOf),
        createOperationId,
        meter: { stepped: () => {} },
      },
      { runner: name },
    )(moved.map(({ rotated }) => rotated));
    return () => tick(log);
  }

  const step = async ({ rotated, records }: Moved) => {
    const { subscription } = rotated;
    try {
      const runner = createRunner({ clock, records, fingerprintOf, runner: name, createOperationId });
      const report = await runner.step(rotated, neverAborted);
      if (report.step !== 'wait') log.info('rotation-step', { subscription, step: report.step as Named<'step'> });
    } catch (error) {
      log.warn('rotation-failed', { subscription, ...describeError(error) });
    }
  };
  return async () => {
    await Promise.all(moved.map(step));
  };
}

function joinRecords(moved: readonly Moved[]): RecordStore {
  const of = (subscription: string) => {
    const found = moved.find(({ rotated }) => rotated.subscription === subscription);
    if (!found) throw new RangeError('There is no such subscription.');
    return found.records;
  };
  return {
    read: (subscription, signal) => of(subscription).read(subscription, signal),
    write: (record, ...rest) => of(record.subscription).write(record, ...rest),
    history: (subscription, ...rest) => of(subscription).history(subscription, ...rest),
  };
}
