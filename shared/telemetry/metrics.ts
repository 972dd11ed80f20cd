import { metrics as api, type Histogram, type Meter as ApiMeter } from '@opentelemetry/api';
import type { Clock } from '../clock.ts';
import { version } from '../version.ts';
import { createCredentialGauges, type WatchedCredential } from './credential-gauges.ts';
import { instruments, optionsOf, type Instrument } from './instruments.ts';
import type { Meter } from './meter.ts';
import { createRotationGauges } from './rotation-gauges.ts';
import { createTally } from './tally.ts';

/** OpenTelemetry metrics of one worker. */
export type Metrics = Meter & {
  /** Takes the place of what was watched before, such as that of another configuration. */
  watch(credentials: readonly WatchedCredential[]): void;
};

/** The broker's scope. Without an SDK that was registered before the broker was built, it measures nothing. */
export function getApiMeter(): ApiMeter {
  return api.getMeter('okq8-token-broker', version);
}

/** Seconds. A hand-out from the caches takes less than a millisecond; a request's deadline is some seconds. */
const requestBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Those of `http.client.request.duration`. */
const loadBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Measures what happens. All attributes are names of the configuration and fixed words. */
export function createMetrics(clock: Clock, meter: ApiMeter): Metrics {
  const handOuts = createTally(meter, instruments.handOuts);
  const requestDuration = createHistogram(meter, instruments.requestDuration, requestBoundaries);
  const cacheRequests = createTally(meter, instruments.cacheRequests);
  const loadDuration = createHistogram(meter, instruments.loadDuration, loadBoundaries);
  const signingKeyFetches = createTally(meter, instruments.signingKeyFetches);
  const rotationSteps = createTally(meter, instruments.rotationSteps);
  const rotationFailures = createTally(meter, instruments.rotationFailures);
  const keyRefusals = createTally(meter, instruments.keyRefusals);
  const auditFailures = createTally(meter, instruments.auditFailures);
  const credentials = createCredentialGauges(clock, meter);
  const rotations = createRotationGauges(clock, meter);

  return {
    watch: credentials.watch,
    decided: ({ action, outcome, caller, api: name, code, durationMs }) => {
      if (action === 'headers.hand-out') handOuts(outcome, caller, name, code ?? undefined);
      requestDuration.record(durationMs / 1_000, { 'token_broker.action': action, 'token_broker.outcome': outcome });
    },
    asked: (kind, isCached) => cacheRequests(kind, isCached ? 'hit' : 'miss'),
    loaded: (load, durationMs, reason) => {
      const failure = reason === undefined ? {} : { 'error.type': reason };
      loadDuration.record(durationMs / 1_000, { 'token_broker.credential.kind': load.kind, ...failure });
      if (load.kind === 'signing-keys') signingKeyFetches(reason);
      if (reason === undefined) credentials.loaded(load);
    },
    stepped: (step) => {
      const { subscription, failure } = step;
      rotationSteps(subscription, step.step);
      if (failure !== undefined) rotationFailures(subscription, failure);
      rotations.stepped(step);
    },
    keyRefused: (subscription) => keyRefusals(subscription),
    auditFailed: () => auditFailures(),
  };
}

function createHistogram(meter: ApiMeter, instrument: Instrument, explicitBucketBoundaries: number[]): Histogram {
  return meter.createHistogram(instrument.name, { ...optionsOf(instrument), advice: { explicitBucketBoundaries } });
}
