import { systemClock } from '../../shared/clock.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Target } from './server.ts';

/**
 * One rule of what goes wrong, as `POST /faults` of the control address takes it, its durations in milliseconds.
 *
 * `hang` goes before `reset`, `reset` before `status`; `delayMs` comes before any of them. A rule with a delay alone slows a request down.
 */
export type Fault = {
  target: Target;
  /** Upper or lower case. Any method when absent. */
  method?: string;
  /** A glob over the whole path without its query, upper or lower case: `*` is any run of characters, slashes included, `?` is one character. */
  path?: string;
  /** Which of several servers of the target, counted from 0. */
  instance?: number;
  status?: number;
  headers?: Record<string, string>;
  body?: string | object;
  delayMs?: number;
  /** Answers nothing until the rule is lifted; what still waits then is handled as if there had been no rule. */
  hang?: boolean;
  /** Destroys the connection without an answer. */
  reset?: boolean;
  /** The handler does its work first, and only its answer is lost, late or replaced. */
  after?: boolean;
  /** How many requests it applies to. All when absent. */
  times?: number;
  /** How long it applies, from `add`. Until lifted when absent. */
  forMs?: number;
};

/** What a fault is matched against; `path` without its query. */
export type FaultSubject = { target: Target; method: string; path: string; instance: number };

/** A rule that applies to a request, and the signal that fires once when it is lifted or its time is over. */
export type ActiveFault = { fault: Fault; lifted: AbortSignal };

/** The fault table. The first rule that matches, in the order they were added, wins. */
export type Faults = {
  /** Adds a rule and returns its id. Throws a `RangeError` when 1,000 rules exist. */
  add(fault: Fault): string;
  /** Lifts one rule, or all. False when there is no such rule. A rule that has applied `times` times stays listed until lifted. */
  lift(id?: string): boolean;
  /** The rule that applies to this request, if any; counts against its `times`. */
  match(subject: FaultSubject): ActiveFault | undefined;
};

const maxFaults = 1_000;
/** Beyond this, 24.8 days, a timer of Node's fires at once. */
const maxTimerMs = 2 ** 31 - 1;

/** An empty fault table. */
export function createFaults(clock: Clock = systemClock): Faults {
  const entries = new Map<string, Entry>();
  let added = 0;

  const remove = (id: string, entry: Entry): void => {
    entries.delete(id);
    entry.cancelExpiry();
    entry.lifting.abort();
  };

  const liftOne = (id: string): boolean => {
    const entry = entries.get(id);
    if (entry) remove(id, entry);
    return entry !== undefined;
  };

  return {
    add: (fault) => {
      if (entries.size >= maxFaults) throw new RangeError(`${maxFaults} faults exist already; lift some`);
      const id = `f${(added += 1)}`;
      const cancelExpiry =
        fault.forMs === undefined ? () => {} : clock.after(Math.min(fault.forMs, maxTimerMs), () => liftOne(id));
      const pattern = fault.path === undefined ? undefined : globPattern(fault.path);
      entries.set(id, { fault, pattern, left: fault.times ?? Infinity, lifting: new AbortController(), cancelExpiry });
      return id;
    },
    lift: (id) => {
      if (id !== undefined) return liftOne(id);
      for (const [each, entry] of entries) remove(each, entry);
      return true;
    },
    match: (subject) => {
      for (const entry of entries.values()) {
        if (entry.left <= 0 || !applies(entry, subject)) continue;
        entry.left -= 1;
        return { fault: entry.fault, lifted: entry.lifting.signal };
      }
      return undefined;
    },
  };
}

type Entry = {
  fault: Fault;
  pattern: RegExp | undefined;
  left: number;
  lifting: AbortController;
  cancelExpiry: () => void;
};

function applies({ fault, pattern }: Entry, subject: FaultSubject): boolean {
  return (
    fault.target === subject.target &&
    (fault.method === undefined || fault.method.toUpperCase() === subject.method) &&
    (fault.instance === undefined || fault.instance === subject.instance) &&
    (pattern === undefined || pattern.test(subject.path))
  );
}

function globPattern(glob: string): RegExp {
  const literal = glob.replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${literal.replace(/\*+/g, '.*').replaceAll('?', '.')}$`, 'is');
}
