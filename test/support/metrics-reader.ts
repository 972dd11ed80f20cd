import type { Meter } from '@opentelemetry/api';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';

/** What one series shows: a number, or of a histogram how many values it has and their sum. */
export type Point = {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly value: number;
  readonly count?: number;
};
export type Read = ReadonlyMap<string, readonly Point[]>;

class MemoryReader extends MetricReader {
  protected override async onForceFlush() {}
  protected override async onShutdown() {}
}

/** OpenTelemetry's own SDK, with a reader in memory. */
export function createMeasuring(): { meter: Meter; read: () => Promise<Read> } {
  const reader = new MemoryReader();
  const provider = new MeterProvider({ readers: [reader] });
  return {
    meter: provider.getMeter('test'),
    read: async () => {
      const { resourceMetrics, errors } = await reader.collect();
      if (errors.length > 0) throw new AggregateError(errors);
      const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
      return new Map(
        metrics.map(({ descriptor, dataPoints }) => [
          descriptor.name,
          dataPoints.map(({ attributes, value }) =>
            typeof value === 'number'
              ? { attributes, value }
              : { attributes, value: 'sum' in value ? (value.sum ?? 0) : 0, count: value.count },
          ),
        ]),
      );
    },
  };
}
