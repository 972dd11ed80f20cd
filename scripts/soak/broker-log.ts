import { findCanaries } from '../canaries.ts';
import type { Findings } from './findings.ts';

/** Reads what the instances print: nothing of it tells a secret, and some of it must never be told. */
export type BrokerLog = {
  readonly read: (line: string) => void;
  /** How many lines of each event. */
  readonly events: () => ReadonlyMap<string, number>;
};

/** What no fault of these may lead to: an error that is not one of the broker's, and a published key that a gateway refuses. */
const alarming = new Set(['unexpected-error', 'key-refused']);

export function createBrokerLog(findings: Findings): BrokerLog {
  const events = new Map<string, number>();
  return {
    events: () => events,
    read: (line) => {
      for (const where of findCanaries(line)) findings.note([{ broken: 3, what: `a secret was printed, ${where}` }]);
      const [, event] = /\{"event":"([a-z-]+)"/.exec(line) ?? [];
      if (event === undefined) return;
      events.set(event, (events.get(event) ?? 0) + 1);
      if (alarming.has(event)) findings.note([{ broken: 'contract', what: `the log has ${event}` }]);
    },
  };
}
