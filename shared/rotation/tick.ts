import type { Clock } from '../clock.ts';
import { withDeadline } from '../deadline.ts';
import { BrokerError } from '../errors.ts';
import type { Fingerprint } from '../names.ts';
import type { Secret } from '../secret.ts';
import type { Log } from '../telemetry/log.ts';
import type { Meter, RecordFacts } from '../telemetry/meter.ts';
import { describeError, reasonOf } from '../telemetry/redaction.ts';
import type { RotationPolicy } from './policy.ts';
import type { RecordStore } from './ports.ts';
import { nameOf, type RotationRecord } from './record.ts';
import { createRunner, type Rotated, type Runner, type StepReport } from './runner.ts';
import { tell } from './tell.ts';

/** One tick of the rotation timer: moves each subscription by at most one step. One that fails leaves the others alone. */
export type Tick = (log: Log) => Promise<void>;

type Dependencies = {
  clock: Clock;
  records: RecordStore;
  loadFingerprintOf: (signal: AbortSignal) => Promise<(secret: Secret) => Fingerprint>;
  createOperationId: () => string;
  meter: Pick<Meter, 'stepped'>;
};
type Options = {
  /** Names this worker in its intents. */
  runner: string;
};

/** How many subscriptions are moved at once: enough for a thousand in a minute, few enough for the control plane's limits. */
const concurrency = 16;
/** When a step is given up; what it has begun, the next tick finds. */
const stepTimeoutMs = 50_000;
/**
 * No step begins later in a tick than this. With the last that has begun it ends before `functionTimeout` of `host.json`, at which the host ends the
 * worker, with all that it holds, whatever it is in the middle of.
 */
const beginForMs = 50_000;
/** How often the keys of an idle subscription are compared with what its authority lists: the control plane has limits. Steering ends a rest. */
const longestRestMs = 120_000;
const restsInPromise = 10;

/** @returns makes the tick of one configuration after another: what is the same in the next goes on resting. */
export function createTick(
  dependencies: Dependencies,
  { runner: name }: Options,
): (rotated: readonly Rotated[]) => Tick {
  const { clock, meter } = dependencies;
  const resting = new WeakMap<Rotated, { etag: string; until: number }>();
  const begunAt = new WeakMap<Rotated, number>();

  const rest = (one: Rotated, { from, step, until = Infinity, etag }: StepReport) => {
    if (step === 'rest') return;
    resting.delete(one);
    if (step !== 'wait' || from !== 'idle' || etag === undefined) return;
    const ms = Math.min(longestRestMs, one.policy.terms.promiseMs / restsInPromise, until - clock.wall());
    resting.set(one, { etag, until: clock.monotonic() + ms });
  };

  const restingAt = (one: Rotated) => {
    const found = resting.get(one);
    return found && clock.monotonic() < found.until ? found.etag : undefined;
  };

  const count = ({ subscription, policy }: Rotated, { step, alert, record }: StepReport) =>
    meter.stepped({ subscription, step, failure: alert, record: record && toFacts(record, policy, clock.wall()) });

  const countFailure = ({ subscription }: Rotated, error: unknown) =>
    meter.stepped({ subscription, step: 'failed', failure: reasonOf(error), record: undefined });

  const move = async (runner: Runner, one: Rotated, log: Log) => {
    try {
      const report = await withDeadline(clock, stepTimeoutMs, 'deadline', (signal) =>
        runner.step(one, signal, restingAt(one)),
      );
      rest(one, report);
      count(one, report);
      tell(report, log);
    } catch (error) {
      countFailure(one, error);
      log.warn('rotation-failed', { subscription: one.subscription, ...describeError(error) });
    }
  };

  /** Those that have waited longest come first: what hangs must not keep the same others waiting for ever. */
  const inTurn = (rotated: readonly Rotated[]) =>
    rotated.toSorted((one, other) => (begunAt.get(one) ?? 0) - (begunAt.get(other) ?? 0));

  const tellLeft = (left: readonly Rotated[], log: Log) => {
    const late = new BrokerError('deadline');
    for (const one of left) countFailure(one, late);
    if (left.length > 0) log.warn('rotation-failed', { left: left.length, ...describeError(late) });
  };

  const loadFingerprintOf = async (rotated: readonly Rotated[], log: Log) => {
    try {
      return await withDeadline(clock, stepTimeoutMs, 'deadline', dependencies.loadFingerprintOf);
    } catch (error) {
      for (const one of rotated) countFailure(one, error);
      log.warn('rotation-failed', describeError(error));
      return undefined;
    }
  };

  return (rotated) => async (log) => {
    const startedAt = clock.monotonic();
    const fingerprintOf = await loadFingerprintOf(rotated, log);
    if (!fingerprintOf) return;
    const runner = createRunner({ ...dependencies, fingerprintOf, runner: name });
    const waiting = inTurn(rotated);
    const work = async () => {
      while (clock.monotonic() < startedAt + beginForMs) {
        const one = waiting.shift();
        if (!one) return;
        begunAt.set(one, clock.monotonic());
        await move(runner, one, log);
      }
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, rotated.length) }, work));
    tellLeft(waiting, log);
  };
}

function toFacts(record: RotationRecord, policy: RotationPolicy, now: number): RecordFacts {
  const { state, generation, switchedOn, dueAt, paused } = record;
  const isKept = state.phase !== 'idle' || paused || !policy.mayStart(now);
  return { state: nameOf(state), generation, switchedOn, dueAt: isKept ? undefined : dueAt };
}
