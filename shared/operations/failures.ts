import type { Clock } from '../clock.ts';
import type { Reason } from '../errors.ts';
import { toTimestamp, type Timestamp } from '../names.ts';
import type { Load } from '../telemetry/meter.ts';

/** The last time that a load failed, and how often it has in a row. */
export type LastFailure = { readonly on: Timestamp; readonly reason: Reason; readonly times: number };

/** What has failed and was not had since, for each of the loads that the configuration has. */
export type Failures = {
  note(load: Load, reason: Reason | undefined): void;
  of(load: Load): LastFailure | undefined;
  /** The loads that there are from now on; the failures of others are forgotten. */
  use(loads: readonly Load[]): void;
};

export function createFailures(clock: Clock): Failures {
  let known = new Set<string>();
  let failures = new Map<string, LastFailure>();
  return {
    note: (load, reason) => {
      const name = nameOf(load);
      if (!known.has(name)) return;
      const times = (failures.get(name)?.times ?? 0) + 1;
      if (reason === undefined) failures.delete(name);
      else failures.set(name, { on: toTimestamp(clock.wall()), reason, times });
    },
    of: (load) => failures.get(nameOf(load)),
    use: (loads) => {
      known = new Set(loads.map(nameOf));
      failures = new Map(Array.from(failures).filter(([name]) => known.has(name)));
    },
  };
}

/** A tuple as one text, in which no two are alike. */
function nameOf({ kind, of, scope }: Load): string {
  return JSON.stringify([kind, of ?? null, scope ?? null]);
}
