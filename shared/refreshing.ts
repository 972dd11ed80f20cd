import { backoffMs } from './backoff.ts';
import type { Clock } from './clock.ts';
import { untilAborted, withDeadline } from './deadline.ts';
import { BrokerError, type Reason } from './errors.ts';
import { withoutTrace } from './trace-context.ts';

/** Something that was loaded, with its times on the monotonic clock in milliseconds. */
export type Loaded<T> = {
  readonly value: T;
  /** From here on it should be loaded again, in the background. */
  readonly refreshAt: number;
  /** From here on it must not be used. */
  readonly expiresAt: number;
};

/** One value that outlives its source's outages: loaded once for all who ask, refreshed ahead of need. */
export type Refreshing<T> = {
  /** What is cached and has life left, without loading anything. */
  peek(): Loaded<T> | undefined;
  /**
   * What is cached, while at least `leastMs` of its life is left or a load would bring no more. Else waits for a load, for a second where
   * something that lives is cached; while the source is known to be down, offers all that is left.
   *
   * @throws {BrokerError} of the load when nothing that lives is cached, at once while the source is being left alone after a failure; the
   *   signal's reason when it is aborted first.
   */
  get(leastMs: number, signal: AbortSignal): Promise<Loaded<T>>;
  /** Loads now, or joins the load under way. */
  reload(signal: AbortSignal): Promise<Loaded<T>>;
};

export type RefreshingOptions = {
  /** Why a load has failed that brings less life than can be offered, or brings it too late. */
  shortLived: Reason;
  /** Told of each failed load. */
  onFailure: (error: unknown) => void;
  /** Spreads the retries of many instances. Default `Math.random`. */
  random?: () => number;
  /**
   * Spreads the refreshes of many instances that loaded at once, with a number from 0 to 1. Default: none, each is due at its `refreshAt`.
   */
  spread?: (() => number) | undefined;
  /** Whether a refresh may begin that nobody waits for. Default: at any time. */
  mayBegin?: (() => boolean) | undefined;
};

/** Less life than this, in milliseconds, is offered to nobody: a header must outlive the call that carries it. */
export const leastLifeMs = 10_000;
const backoff = { firstMs: 1_000, mostMs: 30_000 };
/** How long a failure is reason enough to think that the source is still down. */
const downForMs = 120_000;
/** How long is waited for a load while something that lives is cached. */
const patienceMs = 1_000;
/** The least part of the time until its refresh that a value is kept for where refreshes are spread. */
const leastOfInterval = 1 / 4;

type Failure = { error: unknown; times: number; at: number; retryAt: number };

/**
 * A cache of one value in front of a source that may be slow, throttle, or be down.
 *
 * However many ask at once, one load runs. A load that nobody must wait for runs in the background, and its failure is told to `onFailure`
 * alone. After a failure the source is left alone for 1 s, doubling to 30 s, or for as long as it asks; meanwhile `get` answers from what is
 * cached or fails at once.
 */
export function createRefreshing<T>(
  clock: Clock,
  load: () => Promise<Loaded<T>>,
  { shortLived, onFailure, random = Math.random, spread, mayBegin = () => true }: RefreshingOptions,
): Refreshing<T> {
  let current: Loaded<T> | undefined;
  let flight: Promise<Loaded<T>> | undefined;
  let failure: Failure | undefined;

  const lives = ({ expiresAt }: Loaded<T>) => expiresAt - clock.monotonic() >= leastLifeMs;
  const alive = () => (current && lives(current) ? current : undefined);

  /**
   * Many instances do their first load at once, and the first after an outage: then the refresh after it comes early, at random, and from there on
   * they are out of step, at no more requests.
   */
  const placed = (loaded: Loaded<T>): Loaded<T> => {
    if (!spread || loaded.refreshAt === Infinity || (alive() && !failure)) return loaded;
    const now = clock.monotonic();
    const part = leastOfInterval + (1 - leastOfInterval) * spread();
    return { ...loaded, refreshAt: now + (loaded.refreshAt - now) * part };
  };

  const fly = async () => {
    try {
      const loaded = await load();
      if (!lives(loaded)) throw new BrokerError(shortLived);
      current = placed(loaded);
      failure = undefined;
      return current;
    } catch (error) {
      const [at, times] = [clock.monotonic(), (failure?.times ?? 0) + 1];
      failure = { error, times, at, retryAt: at + backoffMs(backoff, times, error, random()) };
      onFailure(error);
      throw error;
    }
  };

  const start = () => {
    flight ??= fly().finally(() => {
      flight = undefined;
    });
    return flight;
  };

  const isLeftAlone = () => failure !== undefined && clock.monotonic() < failure.retryAt;
  const isDown = () => failure !== undefined && clock.monotonic() < failure.at + downForMs;

  const refreshInBackground = () => {
    if (!flight && !isLeftAlone() && mayBegin()) withoutTrace(start).catch(() => {});
  };

  const startUnlessLeftAlone = () => {
    if (flight || !failure || !isLeftAlone()) return start();
    return Promise.reject(postponed(failure, clock.monotonic()));
  };

  /** Waiting helps only when a load may bring more life than is left: not just after one, and not while the source is down. */
  const isWorthWaiting = ({ expiresAt, refreshAt }: Loaded<T>, leastMs: number) => {
    const now = clock.monotonic();
    return expiresAt - now < leastMs && now >= refreshAt && !isDown();
  };

  return {
    peek: alive,
    get: async (leastMs, signal) => {
      const cached = alive();
      if (cached && !isWorthWaiting(cached, leastMs)) {
        if (clock.monotonic() >= cached.refreshAt) refreshInBackground();
        return cached;
      }
      const loading = startUnlessLeftAlone();
      try {
        const waiting = cached ? withDeadline(clock, patienceMs, 'deadline', () => loading) : loading;
        return await untilAborted(waiting, signal);
      } catch (error) {
        const left = alive();
        if (left) return left;
        throw error;
      }
    },
    reload: (signal) => untilAborted(start(), signal),
  };
}

/** The failure again, for whoever asks while the source is left alone, with the time that remains. */
function postponed({ error, retryAt }: Failure, now: number): unknown {
  if (!(error instanceof BrokerError)) return error;
  return new BrokerError(error.reason, { cause: error, upstream: error.upstream, retryAfterMs: retryAt - now });
}
