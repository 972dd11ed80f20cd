import type { Clock } from './clock.ts';
import { untilAborted } from './deadline.ts';
import { BrokerError } from './errors.ts';

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
   * What is cached, while at least `leastMs` of its life is left or a load would bring no more. Else waits for a load; while the source is
   * known to be down, offers all that is left.
   *
   * @throws {BrokerError} of the load when nothing that lives is cached, at once while the source is being left alone after a failure; the
   *   signal's reason when it is aborted first.
   */
  get(leastMs: number, signal: AbortSignal): Promise<Loaded<T>>;
  /** Loads now, or joins the load under way. */
  reload(signal: AbortSignal): Promise<Loaded<T>>;
};

export type RefreshingOptions = {
  /** Less life than this is offered to nobody, in milliseconds. Default 10 s: a header must outlive the call that carries it. */
  leastLifeMs?: number;
  /** How long a source is left alone after its first failure, doubling up to `maxBackoffMs`. Default 1 s. */
  firstBackoffMs?: number;
  /** Default 30 s. */
  maxBackoffMs?: number;
  /** A longer `Retry-After` is cut to this. Default 60 s: an upstream may not silence an instance for an hour. */
  maxRetryAfterMs?: number;
  /** Told of each failed load. */
  onFailure?: (error: unknown) => void;
  /** Spreads the retries of many instances. Default `Math.random`. */
  random?: () => number;
};

type Failure = { error: unknown; times: number; retryAt: number };

/**
 * A cache of one value in front of a source that may be slow, throttle, or be down.
 *
 * However many ask at once, one load runs. A load that nobody must wait for runs in the background, and its failure is told to `onFailure`
 * alone. After a failure the source is left alone for a while that grows; meanwhile `get` answers from what is cached or fails at once.
 */
export function createRefreshing<T>(
  clock: Clock,
  load: () => Promise<Loaded<T>>,
  options: RefreshingOptions = {},
): Refreshing<T> {
  const { leastLifeMs = 10_000, firstBackoffMs = 1_000, maxBackoffMs = 30_000, maxRetryAfterMs = 60_000 } = options;
  const { onFailure = () => {}, random = Math.random } = options;
  let current: Loaded<T> | undefined;
  let flight: Promise<Loaded<T>> | undefined;
  let failure: Failure | undefined;

  const backoffMs = (times: number, error: unknown) => {
    const grown = Math.min(maxBackoffMs, firstBackoffMs * 2 ** (times - 1)) * (0.75 + random() / 4);
    const asked = error instanceof BrokerError ? (error.retryAfterMs ?? 0) : 0;
    return Math.max(grown, Math.min(asked, maxRetryAfterMs));
  };

  const fly = async () => {
    try {
      current = await load();
      failure = undefined;
      return current;
    } catch (error) {
      const times = (failure?.times ?? 0) + 1;
      failure = { error, times, retryAt: clock.monotonic() + backoffMs(times, error) };
      onFailure(error);
      throw error;
    } finally {
      flight = undefined;
    }
  };

  const start = () => {
    flight ??= fly();
    return flight;
  };

  const isLeftAlone = () => failure !== undefined && clock.monotonic() < failure.retryAt;
  const refreshInBackground = () => {
    if (!flight && !isLeftAlone()) start().catch(() => {});
  };

  const startUnlessLeftAlone = () => {
    if (flight || !failure || !isLeftAlone()) return start();
    return Promise.reject(postponed(failure, clock.monotonic()));
  };

  const alive = () => (current && current.expiresAt - clock.monotonic() >= leastLifeMs ? current : undefined);

  /** Waiting helps only when a load may bring more life than is left: not just after one, and not while the source is down. */
  const isWorthWaiting = (cached: Loaded<T>, leastMs: number) => {
    const now = clock.monotonic();
    return cached.expiresAt - now < leastMs && now >= cached.refreshAt && !failure;
  };

  return {
    peek: alive,
    get: async (leastMs, signal) => {
      const cached = alive();
      if (cached && !isWorthWaiting(cached, leastMs)) {
        if (clock.monotonic() >= cached.refreshAt) refreshInBackground();
        return cached;
      }
      try {
        return await untilAborted(startUnlessLeftAlone(), signal);
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
  return new BrokerError(error.reason, { cause: error, retryAfterMs: retryAt - now });
}
