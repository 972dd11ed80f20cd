import { metrics as api, type Attributes, type Histogram, type Meter as ApiMeter } from '@opentelemetry/api';
import type { Clock } from '../clock.ts';
import { version } from '../version.ts';
import { createCredentialGauges, type WatchedCredential } from './credential-gauges.ts';
import { instruments, optionsOf, type Instrument } from './instruments.ts';
import type { Decision, Meter } from './meter.ts';
import { createRotationGauges } from './rotation-gauges.ts';

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

const cacheResults = {
  key: { hit: toCacheResult('key', 'hit'), miss: toCacheResult('key', 'miss') },
  token: { hit: toCacheResult('token', 'hit'), miss: toCacheResult('token', 'miss') },
};

/** Measures what happens. All attributes are names of the configuration and fixed words. */
export function createMetrics(clock: Clock, meter: ApiMeter): Metrics {
  const handOuts = createCounter(meter, instruments.handOuts);
  const requestDuration = createHistogram(meter, instruments.requestDuration, requestBoundaries);
  const cacheRequests = createCounter(meter, instruments.cacheRequests);
  const loadDuration = createHistogram(meter, instruments.loadDuration, loadBoundaries);
  const signingKeyFetches = createCounter(meter, instruments.signingKeyFetches);
  const rotationSteps = createCounter(meter, instruments.rotationSteps);
  const rotationFailures = createCounter(meter, instruments.rotationFailures);
  const auditFailures = createCounter(meter, instruments.auditFailures);
  const credentials = createCredentialGauges(clock, meter);
  const rotations = createRotationGauges(clock, meter);

  return {
    watch: credentials.watch,
    decided: (decision) => {
      if (decision.action === 'headers.hand-out') handOuts.add(1, toHandOut(decision));
      const { action, outcome, durationMs } = decision;
      requestDuration.record(durationMs / 1_000, { 'token_broker.action': action, 'token_broker.outcome': outcome });
    },
    asked: (kind, isCached) => cacheRequests.add(1, cacheResults[kind][isCached ? 'hit' : 'miss']),
    loaded: (load, durationMs, reason) => {
      const failure = reason === undefined ? {} : { 'error.type': reason };
      loadDuration.record(durationMs / 1_000, { 'token_broker.credential.kind': load.kind, ...failure });
      if (load.kind === 'signing-keys') signingKeyFetches.add(1, failure);
      if (reason === undefined) credentials.loaded(load);
    },
    stepped: (step) => {
      const { subscription, failure } = step;
      rotationSteps.add(1, { 'token_broker.subscription': subscription, 'token_broker.rotation.step': step.step });
      if (failure !== undefined) {
        rotationFailures.add(1, { 'token_broker.subscription': subscription, 'error.type': failure });
      }
      rotations.stepped(step);
    },
    auditFailed: () => auditFailures.add(1),
  };
}

function createCounter(meter: ApiMeter, instrument: Instrument) {
  return meter.createCounter(instrument.name, optionsOf(instrument));
}

function createHistogram(meter: ApiMeter, instrument: Instrument, explicitBucketBoundaries: number[]): Histogram {
  return meter.createHistogram(instrument.name, { ...optionsOf(instrument), advice: { explicitBucketBoundaries } });
}

/** An attribute without a value would be one with the value `undefined`. */
function toHandOut({ outcome, caller, api: name, code }: Decision): Attributes {
  return {
    'token_broker.outcome': outcome,
    ...(caller !== undefined && { 'token_broker.caller': caller }),
    ...(name !== undefined && { 'token_broker.api': name }),
    ...(code !== null && { 'error.type': code }),
  };
}

function toCacheResult(kind: string, result: string): Attributes {
  return { 'token_broker.credential.kind': kind, 'token_broker.cache.result': result };
}
