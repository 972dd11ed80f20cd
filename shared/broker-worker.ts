import { randomUUID } from 'node:crypto';
import { buildVault, reportTo, type Report, type Vault } from './broker-rotation.ts';
import { buildMeasured, type Measured } from './broker-telemetry.ts';
import type { Clock } from './clock.ts';
import type { BrokerConfig } from './config/config.ts';
import type { ConfigState } from './config/reload.ts';
import type { Settings } from './config/settings.ts';
import { toTimestamp, type Timestamp } from './names.ts';
import { createFigures, type Figures } from './operations/figures.ts';
import { defaultTerms } from './rotation/terms.ts';
import { createLog, type Log, type Sink } from './telemetry/log.ts';
import { combineMeters } from './telemetry/meter.ts';
import { createMetrics, getApiMeter, type Metrics } from './telemetry/metrics.ts';

/** Where a worker is: its time, and where it says what no invocation says. */
export type Outside = {
  readonly clock: Clock;
  readonly sink: Sink;
  /** Default: those of the OpenTelemetry SDK that is registered by then, if any. */
  readonly metrics?: Metrics;
  /** From 0 to 1: keeps many workers out of step. Default `Math.random`. */
  readonly random?: () => number;
};

/** What lives as long as the worker, whatever the configuration. */
export type Worker = {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly report: Report;
  readonly vault: Vault;
  /** How the configuration stands, for whoever operates the broker. */
  readonly configuration: () => ConfigState;
  readonly metrics: Metrics;
  readonly measured: Measured;
  readonly figures: Figures;
  /** Names this worker: in the status, and in the intents of its rotations. */
  readonly instance: string;
  readonly startedOn: Timestamp;
  /** The terms of the configuration that was last taken into use, which all that outlives it goes by. */
  readonly terms: { current: Terms };
};
type Terms = Pick<BrokerConfig, 'upstreamTimeoutMs' | 'headerLifetimeMs' | 'rotationTerms'>;

/** What a worker goes by that has no configuration yet: the defaults. */
const beforeTheFirst: Terms = { upstreamTimeoutMs: 3_000, headerLifetimeMs: 300_000, rotationTerms: defaultTerms };

export function buildWorker(
  settings: Settings,
  { clock, sink, metrics = createMetrics(clock, getApiMeter()), random = Math.random }: Outside,
  configuration: () => ConfigState,
): Worker {
  const log = createLog(sink);
  const report = reportTo(log);
  const terms = { current: beforeTheFirst };
  const figures = createFigures(clock);
  const measured = buildMeasured(clock, combineMeters(metrics, figures.meter));
  const vault = buildVault(settings, clock, () => terms.current.upstreamTimeoutMs, report, measured);
  const instance = randomUUID().slice(0, 8);
  const startedOn = toTimestamp(clock.wall());
  const own = { instance, startedOn, figures, terms };
  return { settings, clock, random, log, report, vault, configuration, metrics, measured, ...own };
}
