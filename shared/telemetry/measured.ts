import type { Clock } from '../clock.ts';
import type { Refreshing } from '../refreshing.ts';
import type { Audit } from './audit.ts';
import type { Load, Meter } from './meter.ts';
import { reasonOf } from './redaction.ts';

/** Runs a load, and tells how long it took and whether it succeeded. */
export type Measure = <T>(run: () => Promise<T>) => Promise<T>;

export function createMeasure(clock: Clock, meter: Pick<Meter, 'loaded'>): (load: Load) => Measure {
  return (load) => async (run) => {
    const startedAt = clock.monotonic();
    try {
      const loaded = await run();
      meter.loaded(load, clock.monotonic() - startedAt);
      return loaded;
    } catch (error) {
      meter.loaded(load, clock.monotonic() - startedAt, reasonOf(error));
      throw error;
    }
  };
}

/**
 * Tells of each time that one of the caches is asked whether what it answers was there already. There is one more object for each cache, and no
 * more than those.
 */
export function countAsked<Names extends readonly unknown[], T>(
  meter: Pick<Meter, 'asked'>,
  kind: 'key' | 'token',
  of: (...names: Names) => Refreshing<T>,
): (...names: Names) => Refreshing<T> {
  const counted = new WeakMap<Refreshing<T>, Refreshing<T>>();
  return (...names) => {
    const cache = of(...names);
    const known = counted.get(cache);
    if (known) return known;
    const made = countAskedOf(meter, kind, cache);
    counted.set(cache, made);
    return made;
  };
}

function countAskedOf<T>(meter: Pick<Meter, 'asked'>, kind: 'key' | 'token', cache: Refreshing<T>): Refreshing<T> {
  return {
    ...cache,
    get: async (leastMs, signal) => {
      const before = cache.peek();
      let isCached = false;
      try {
        const loaded = await cache.get(leastMs, signal);
        isCached = loaded === before;
        return loaded;
      } finally {
        meter.asked(kind, isCached);
      }
    },
  };
}

/** Tells of each decision as its caller has it: one whose record is not accepted has failed. */
export function countDecisions(meter: Pick<Meter, 'decided'>, audit: Audit): Audit {
  return {
    accept: async (record, log) => {
      try {
        await audit.accept(record, log);
      } catch (error) {
        meter.decided({ ...record, outcome: 'failed', code: 'upstream-unavailable' });
        throw error;
      }
      meter.decided(record);
    },
  };
}

/** Tells of each record that a sink does not accept. Stands right around the sink: a lenient trail hides its failures. */
export function countAuditFailures(meter: Pick<Meter, 'auditFailed'>, audit: Audit): Audit {
  return {
    accept: async (record, log) => {
      try {
        await audit.accept(record, log);
      } catch (error) {
        meter.auditFailed();
        throw error;
      }
    },
  };
}
