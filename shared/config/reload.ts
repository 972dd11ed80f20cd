import type { Clock } from '../clock.ts';
import { untilAborted, withDeadline } from '../deadline.ts';
import { BrokerError, type Reason } from '../errors.ts';
import { toTimestamp, type Timestamp } from '../names.ts';
import type { ConfigVersion, VersionedConfig } from './load.ts';
import { ConfigError, type ProblemLine } from './problem.ts';
import { expectText, type ConfigSource, type ConfigText } from './source.ts';

/** What is to be told of the configuration: how it stands now. */
export type ConfigState = {
  readonly source: 'file' | 'blob';
  readonly version: ConfigVersion | null;
  readonly loadedOn: Timestamp;
  /** Why a newer one was last refused or could not be read, unless one was taken since. */
  readonly lastFailure: { readonly on: Timestamp; readonly reason: Reason; readonly times: number } | null;
  /** Of the one that was refused. */
  readonly problems: readonly ProblemLine[];
};

/** Told of all that happens. */
export type ReloadEvents = {
  taken(version: ConfigVersion): void;
  /** A configuration that is not valid: once for each, and again each hour while it stands. */
  refused(problems: readonly ProblemLine[]): void;
  /** It could not be read, or not taken for a reason that nobody thought of. */
  failed(error: unknown): void;
};

type Dependencies = {
  clock: Clock;
  source: ConfigSource;
  /** @throws {ConfigError} with every problem. */
  validate: (text: string) => VersionedConfig;
  /** Takes a configuration into use, at once and as a whole. */
  take: (config: VersionedConfig['config']) => void;
  events: ReloadEvents;
};

export type Reload = {
  /** Begins to look, every 30 s for as long as the process lives; at shorter intervals until there is a configuration. */
  start(): void;
  /** Whether there is a configuration, and the last look is younger than a minute. */
  isAwake(): boolean;
  /**
   * Waits for a look: for the one under way where there is no configuration yet; for a second where a worker has slept through its timers, and
   * would serve by what it knew before.
   */
  wake(signal: AbortSignal): Promise<void>;
  /** Looks, unless it was known within the last minute what the configuration is. Tells whether it is known now. */
  confirm(): Promise<boolean>;
  state(): ConfigState;
};

const everyMs = 30_000;
/** How old a look may be that is relied on. */
const confirmedForMs = 60_000;
/** When a look is given up. */
const lookTimeoutMs = 10_000;
/** The first look is made again after this, then after twice as long, until the usual interval is reached. */
const firstRetryMs = 1_000;
/** How long is waited for a look while there is a configuration. */
const patienceMs = 1_000;
/** How often somebody is told again of a configuration that is still refused. */
const toldAgainMs = 3_600_000;

type Failure = NonNullable<ConfigState['lastFailure']>;
type Refusal = { readonly failure: Failure; readonly problems: readonly ProblemLine[]; toldAt: number };

/**
 * Takes up a configuration that changes while the broker runs. What is not valid is refused as a whole, and what cannot be read changes
 * nothing: the one in use stays.
 */
export function createReload({ clock, source, validate, take, events }: Dependencies): Reload {
  const startedOn = toTimestamp(clock.wall());
  let inUse: { version: ConfigVersion; loadedOn: Timestamp } | undefined;
  let etag: string | undefined;
  let refusal: Refusal | undefined;
  let unreadable: Failure | undefined;
  let flight: Promise<void> | undefined;
  let lookedAt = -Infinity;
  let confirmedAt = -Infinity;
  let retries = 0;
  let cancel = () => {};

  const fail = (before: Failure | undefined, reason: Reason): Failure => ({
    on: toTimestamp(clock.wall()),
    reason,
    times: (before?.times ?? 0) + 1,
  });

  const refuse = (reason: Reason, problems: readonly ProblemLine[]) => {
    refusal = { failure: fail(refusal?.failure, reason), problems, toldAt: clock.monotonic() };
  };

  const consider = (found: ConfigText) => {
    try {
      const { config, version } = validate(expectText(found));
      take(config);
      if (!inUse) schedule(everyMs);
      inUse = { version, loadedOn: toTimestamp(clock.wall()) };
      refusal = undefined;
      events.taken(version);
    } catch (error) {
      if (error instanceof ConfigError) {
        refuse('config-refused', error.lines);
        events.refused(error.lines);
      } else {
        refuse('unexpected', []);
        events.failed(error);
      }
    }
  };

  const tellAgain = () => {
    if (!refusal?.problems.length || clock.monotonic() < refusal.toldAt + toldAgainMs) return;
    refusal.toldAt = clock.monotonic();
    events.refused(refusal.problems);
  };

  const look = async () => {
    const startedAt = clock.monotonic();
    lookedAt = startedAt;
    try {
      const found = await withDeadline(clock, lookTimeoutMs, 'storage-unavailable', (signal) =>
        source.read(etag, signal),
      );
      confirmedAt = startedAt;
      unreadable = undefined;
      if (!found) return tellAgain();
      etag = found.etag;
      consider(found);
    } catch (error) {
      unreadable = fail(unreadable, error instanceof BrokerError ? error.reason : 'unexpected');
      events.failed(error);
    }
  };

  const lookOnce = () => {
    flight ??= look().finally(() => {
      flight = undefined;
    });
    return flight;
  };

  const isAwake = () => inUse !== undefined && clock.monotonic() - lookedAt < confirmedForMs;

  const schedule = (delayMs: number) => {
    cancel();
    cancel = clock.after(delayMs, beat);
  };

  const beat = () => {
    schedule(inUse ? everyMs : Math.min(everyMs, firstRetryMs * 2 ** retries));
    retries += 1;
    void lookOnce();
  };

  return {
    start: beat,
    isAwake,
    wake: async (signal) => {
      if (isAwake()) return;
      if (inUse) await withDeadline(clock, patienceMs, 'deadline', lookOnce).catch(() => {});
      else if (flight) await untilAborted(flight, signal);
    },
    confirm: async () => {
      if (clock.monotonic() - confirmedAt >= confirmedForMs) await lookOnce();
      return clock.monotonic() - confirmedAt < confirmedForMs;
    },
    state: () => ({
      source: 'blob',
      version: inUse?.version ?? null,
      loadedOn: inUse?.loadedOn ?? startedOn,
      lastFailure: unreadable ?? refusal?.failure ?? null,
      problems: refusal?.problems ?? [],
    }),
  };
}
