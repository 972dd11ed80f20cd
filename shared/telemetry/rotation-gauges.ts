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

type Seen = { readonly record: RecordFacts; readonly at: number };

/** How each rotation stands, as its last tick has left it. */
export function createRotationGauges(clock: Clock, meter: ApiMeter) {
  const gaugeOf = (instrument: Instrument) => meter.createObservableGauge(instrument.name, optionsOf(instrument));
  const state = gaugeOf(instruments.rotationState);
  const generation = gaugeOf(instruments.rotationGeneration);
  const keyAge = gaugeOf(instruments.rotationKeyAge);
  const overdue = gaugeOf(instruments.rotationOverdue);
  const seen = new Map<SubscriptionName, Seen>();

  const observe = (result: BatchObservableResult, subscription: SubscriptionName, record: RecordFacts) => {
    const attributes = { 'token_broker.subscription': subscription };
    const now = clock.wall();
    result.observe(state, 1, { ...attributes, 'token_broker.rotation.state': record.state });
    result.observe(generation, record.generation, attributes);
    result.observe(keyAge, (now - record.switchedOn) / 1_000, attributes);
    result.observe(overdue, Math.max(0, now - (record.dueAt ?? now)) / 1_000, attributes);
  };

  meter.addBatchObservableCallback(
    (result) => {
      for (const [subscription, { record, at }] of seen) {
        if (clock.monotonic() - at < shownForMs) observe(result, subscription, record);
        else seen.delete(subscription);
      }
    },
    [state, generation, keyAge, overdue],
  );

  return {
    /** A step that failed says nothing new of the record. */
    stepped: ({ subscription, record }: RotationStep) => {
      if (record) seen.set(subscription, { record, at: clock.monotonic() });
    },
  };
}
