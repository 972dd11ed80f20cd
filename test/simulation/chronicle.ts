import type { Fields, Log } from '../../shared/telemetry/log.ts';
import type { FaultKind } from './faults.ts';
import type { Violation } from './oracle.ts';
import type { Schedule } from './schedule.ts';

/** What has happened in one history, as far as anybody asks. */
export type Chronicle = {
  readonly faults: ReadonlyMap<FaultKind, number>;
  readonly violations: readonly Violation[];
  /** What the broker has logged. */
  readonly lines: readonly Line[];
  /** Every event, for a person; kept only where it is asked for. */
  readonly trace: readonly string[];
  readonly log: Log;
  note(text: () => string): void;
  count(kind: FaultKind): void;
  violate(what: string, detail: string): void;
  /** No key may stand in what is written or logged. */
  check(text: string | undefined): void;
};

export type Line = { readonly at: number; readonly event: string; readonly fields: Fields };

/** How every key here begins. */
export const canary = 'CANARY';

export function createChronicle(schedule: Schedule, isTraced: boolean): Chronicle {
  const startedAt = schedule.now();
  const faults = new Map<FaultKind, number>();
  const violations: Violation[] = [];
  const lines: Line[] = [];
  const trace: string[] = [];
  const since = () => schedule.now() - startedAt;

  const note = (text: () => string) => {
    if (isTraced) trace.push(`${(since() / 1_000).toFixed(3).padStart(10)} ${text()}`);
  };
  const violate = (what: string, detail: string) => void violations.push({ what, at: since(), detail });
  const check = (text: string | undefined) => {
    if (text?.includes(canary)) violate('key text', text.slice(0, 40));
  };
  const tell = (event: string, fields: Fields = {}) => {
    const text = JSON.stringify(fields);
    check(text);
    note(() => `  ${event} ${text}`);
    lines.push({ at: schedule.now(), event, fields });
  };
  return {
    faults,
    violations,
    lines,
    trace,
    log: { info: tell, warn: tell, error: tell },
    note,
    count: (kind) => {
      faults.set(kind, (faults.get(kind) ?? 0) + 1);
      note(() => `! ${kind}`);
    },
    violate,
    check,
  };
}
