import type { Violation } from './judge.ts';

/** What is looked at of an audit record. */
export type AuditRecord = {
  readonly time: string;
  readonly requestId: string;
  readonly action: string;
  readonly outcome: string;
  readonly reason: string | null;
};

/** Reads all records of these moments, both included; rejects where they are not to be had now. */
export type ReadTrail = (sinceMs: number, untilMs: number) => Promise<readonly AuditRecord[]>;

/** Compares what callers saw with the audit trail. Moments are wall clock, milliseconds. */
export type Trail = {
  handedOut(requestId: string, at: number): void;
  /** A hand-out was refused by an instance whose cached credential was good. */
  refusedThoughGood(requestId: string): void;
  /** Reads on until shortly before `now`. Resolves with what is wrong; with nothing, and to be asked again, where the trail is not to be read now. */
  readOn(now: number): Promise<readonly Violation[]>;
  /** Reads until nothing is pending; what cannot be looked for is wrong, too. */
  conclude(now: () => number, pause: (ms: number) => Promise<void>): Promise<readonly Violation[]>;
  /** Decisions but `allowed`, by reason. */
  reasons(): ReadonlyMap<string, number>;
  /** Hand-outs that were found on record. */
  confirmed(): number;
};

/** A record is kept within its request's deadline: older ones are all there. */
export const settledMs = 8_000;
/** Longer than the last fault lasts. */
const [triesAtEnd, pauseAtEndMs] = [5, 2_000];
const upstream = /^(entra|vault|identity|signing-keys)-/;

export function createTrail(read: ReadTrail, startedAt: number): Trail {
  const given = new Map<string, number>();
  const good = new Set<string>();
  const reasons = new Map<string, number>();
  let [last, recent]: [Set<string>, Set<string>] = [new Set(), new Set()];
  let from = startedAt;
  let confirmed = 0;

  const takeIn = (records: readonly AuditRecord[]): Violation[] => {
    const wrong: Violation[] = [];
    for (const { requestId, action, outcome, reason } of records) {
      if (outcome === 'allowed') recent.add(requestId);
      else reasons.set(reason ?? action, (reasons.get(reason ?? action) ?? 0) + 1);
      if (!good.delete(requestId) || outcome === 'allowed' || !upstream.test(reason ?? '')) continue;
      wrong.push({ broken: 6, what: `a hand-out failed for ${reason} while what was cached was good` });
    }
    return wrong;
  };

  const compare = (until: number): Violation[] => {
    const due = Array.from(given).filter(([, at]) => at <= until);
    for (const [requestId] of due) given.delete(requestId);
    const missing = due.filter(([requestId]) => !recent.has(requestId) && !last.has(requestId));
    confirmed += due.length - missing.length;
    return missing.map(([requestId]): Violation => ({ broken: 4, what: `no audit record of hand-out ${requestId}` }));
  };

  const readOn = async (now: number): Promise<Violation[]> => {
    const until = now - settledMs;
    if (until <= from) return [];
    const records = await read(from + 1, until).catch(() => undefined);
    if (!records) return [];
    // What was decided just before may have been answered since.
    [last, recent] = [recent, new Set()];
    from = until;
    return [...takeIn(records), ...compare(until)];
  };

  return {
    handedOut: (requestId, at) => void given.set(requestId, at),
    refusedThoughGood: (requestId) => void good.add(requestId),
    readOn,
    conclude: async (now, pause) => {
      const wrong: Violation[] = [];
      for (let tries = 0; tries < triesAtEnd && given.size > 0; tries += 1) {
        wrong.push(...(await readOn(now())));
        if (given.size > 0) await pause(pauseAtEndMs);
      }
      if (given.size > 0)
        wrong.push({ broken: 4, what: `${given.size} hand-outs could not be looked for in the trail` });
      return wrong;
    },
    reasons: () => reasons,
    confirmed: () => confirmed,
  };
}
