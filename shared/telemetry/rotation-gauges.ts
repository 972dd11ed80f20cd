import type { BatchObservableResult, Meter as ApiMeter } from '@opentelemetry/api';
import type { Clock } from '../clock.ts';
import type { SubscriptionName } from '../names.ts';
import { instruments, optionsOf, type Instrument } from './instruments.ts';
import type { RecordFacts, RotationStep } from './meter.ts';

/**
 * How long what a tick has seen is shown. The timer runs on one instance, and may go on on another: this one must not go on telling how things
 * stood when it last ran here.
 */
const shownForMs = 300_000;

/** `states`: those that the rotation was seen in. */
type Seen = { readonly record: RecordFacts; readonly at: number; readonly states: Set<string> };

/** How each rotation stands, as its last tick has left it. */
export function createRotationGauges(clock: Clock, meter: ApiMeter) {
  const gaugeOf = (instrument: Instrument) => meter.createObservableGauge(instrument.name, optionsOf(instrument));
  const state = gaugeOf(instruments.rotationState);
  const generation = gaugeOf(instruments.rotationGeneration);
  const keyAge = gaugeOf(instruments.rotationKeyAge);
  const overdue = gaugeOf(instruments.rotationOverdue);
  const seen = new Map<SubscriptionName, Seen>();

  // A reader whose figures are cumulative goes on with what was last observed: what is over is 0, and not left out.
  const observe = (result: BatchObservableResult, subscription: SubscriptionName, { record, at, states }: Seen) => {
    const attributes = { 'token_broker.subscription': subscription };
    const now = clock.wall();
    const isShown = clock.monotonic() - at < shownForMs;
    for (const each of states) {
      const isCurrent = isShown && each === record.state;
      result.observe(state, isCurrent ? 1 : 0, { ...attributes, 'token_broker.rotation.state': each });
    }
    const dueAt = (isShown ? record.dueAt : undefined) ?? now;
    result.observe(overdue, Math.max(0, now - dueAt) / 1_000, attributes);
    if (!isShown) return;
    result.observe(generation, record.generation, attributes);
    result.observe(keyAge, (now - record.switchedOn) / 1_000, attributes);
  };

  meter.addBatchObservableCallback(
    (result) => {
      for (const [subscription, each] of seen) observe(result, subscription, each);
    },
    [state, generation, keyAge, overdue],
  );

  return {
    /** A step that failed says nothing new of the record. */
    stepped: ({ subscription, record }: RotationStep) => {
      if (!record) return;
      const states = (seen.get(subscription)?.states ?? new Set()).add(record.state);
      seen.set(subscription, { record, at: clock.monotonic(), states });
    },
  };
}
