import type { Broker } from './broker.ts';
import { now, since, type Clock, type Moment } from './clock.ts';
import { BrokerError } from './error.ts';
import { isExpired, type Given, type HeaderSet } from './header-set.ts';
import { createRejections } from './rejections.ts';
import { waitFor } from './wait.ts';

type Flight = { readonly answer: Promise<Given>; isAwaited: boolean };
/** How long the broker is left alone after it failed. */
type Rest = { readonly error: BrokerError; readonly from: Moment };

type Entry = {
  readonly rejections: ReturnType<typeof createRejections>;
  given?: Given | undefined;
  flight?: Flight | undefined;
  rest?: Rest | undefined;
};

export type HeaderSets = {
  /** @param path from the broker's URL. */
  current(path: string, signal?: AbortSignal | null): Promise<HeaderSet>;
  /**
   * After the API's 401.
   *
   * @param excerptOf reads the beginning of what the API answered.
   * @returns what to repeat the call with; `undefined` where a repeat is of no use.
   */
  replacementOf(
    path: string,
    refused: HeaderSet,
    excerptOf: (signal: AbortSignal) => Promise<string>,
    signal?: AbortSignal | null,
  ): Promise<HeaderSet | undefined>;
};

type Dependencies = { readonly clock: Clock; readonly broker: Broker; readonly waitMs: number };

/** How long to wait before the next refresh ahead of need, where one failed and the broker did not say. */
const refreshPauseMs = 5_000;
/** Whatever `Retry-After` says, the broker is asked again after this. */
const longestRestMs = 60_000;

/** Keeps a header set for each path until it expires; asks once for all who need it, and in the background from `refreshOn` on. */
export function createHeaderSets({ clock, broker, waitMs }: Dependencies): HeaderSets {
  const entries = new Map<string, Entry>();

  const entryOf = (path: string): Entry => {
    const entry = entries.get(path) ?? { rejections: createRejections({ clock, broker }, path) };
    entries.set(path, entry);
    return entry;
  };

  const goodOf = ({ given }: Entry): Given | undefined => (given && !isExpired(clock, given) ? given : undefined);

  /** Milliseconds. */
  const restOf = ({ rest }: Entry, leastMs: number): number => {
    if (!rest) return 0;
    const ms = Math.min(Math.max((rest.error.retryAfter ?? 0) * 1_000, leastMs), longestRestMs);
    return Math.max(0, ms - since(clock, rest.from));
  };

  const take = (entry: Entry, given: Given): void => {
    if (isExpired(clock, given)) {
      throw new BrokerError('unexpected-answer', 'The header set had expired when it arrived.');
    }
    entry.given = entry.rejections.insteadOf(given);
    entry.rest = undefined;
  };

  const fly = async (path: string, entry: Entry, delayMs: number, isAwaited: () => boolean): Promise<Given> => {
    try {
      const given = await broker.ask({ path, delayMs, isAwaited });
      take(entry, given);
      return entry.given ?? given;
    } catch (error) {
      if (error instanceof BrokerError) entry.rest = { error, from: now(clock) };
      // What was never given, such as an API that does not exist, is not kept.
      if (!entry.given && restOf(entry, 0) === 0) entries.delete(path);
      throw error;
    } finally {
      entry.flight = undefined;
    }
  };

  const start = (path: string, entry: Entry, delayMs = 0): Flight => {
    const flight: Flight = { isAwaited: false, answer: fly(path, entry, delayMs, () => flight.isAwaited) };
    entry.flight = flight;
    // Whoever waits is told; a refresh that fails with nobody waiting is made up for by the next call.
    flight.answer.catch(() => {});
    return flight;
  };

  return {
    current: async (path, signal) => {
      signal?.throwIfAborted();
      const entry = entryOf(path);
      const good = goodOf(entry);
      if (good) {
        const isDue = since(clock, good.askedAt) >= good.refreshMs;
        if (isDue && !entry.flight && restOf(entry, refreshPauseMs) === 0) start(path, entry);
        return good.set;
      }
      const delayMs = restOf(entry, 0);
      if (!entry.flight && entry.rest && delayMs > waitMs) throw stillResting(entry.rest, delayMs);
      const flight = entry.flight ?? start(path, entry, delayMs);
      flight.isAwaited = true;
      return (await waitFor(flight.answer, signal)).set;
    },
    replacementOf: async (path, refused, excerptOf, signal) => {
      const entry = entryOf(path);
      const given = await waitFor(entry.rejections.report(refused, goodOf(entry), excerptOf), signal);
      if (given) entry.given = given;
      return given?.set;
    },
  };
}

/** What the broker said when it was asked last, and how long it still is to be left alone. */
function stillResting({ error }: Rest, delayMs: number): BrokerError {
  const { code, message, status, requestId } = error;
  return new BrokerError(code, message, { cause: error, status, requestId, retryAfter: Math.ceil(delayMs / 1_000) });
}
