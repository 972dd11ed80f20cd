import type { Clock } from '../clock.ts';
import { neverAborted, untilAborted } from '../deadline.ts';
import type { Fingerprint, SubscriptionName } from '../names.ts';
import type { Refreshing } from '../refreshing.ts';
import type { Secret } from '../secret.ts';
import type { RejectedCredential, RejectionAction } from '../telemetry/audit.ts';
import type { HeaderSet, HeaderSets, Requirement } from './header-set.ts';
import type { KeyCache, SubscriptionKey } from './keys.ts';
import { blame, readId } from './rejection.ts';
import type { TokenCache } from './tokens.ts';

/** How long one look at a credential stands for all reports of it: one load, and one probe of each gateway. */
const firstIntervalMs = 10_000;
/** For how long at most, where what came of each look was reported too. Whoever is right then has to wait as long. */
const longestIntervalMs = 60_000;
/** After how long without a look the interval is the first again. */
const quietMs = 300_000;

/** What an API answered to a header set. */
type Report = {
  readonly requirement: Requirement;
  readonly id: string;
  readonly status: 401 | 403 | 429;
  /** The beginning of the API's answer. */
  readonly body: string;
};

type Rejection = { readonly credential: RejectedCredential; readonly action: RejectionAction };

export type Rejections = {
  /**
   * Looks at the credential that was refused, if it is still the current one, and hands out what is current then.
   *
   * @throws {BrokerError} as `handOut` does. That the source of a credential is down is none: the rejection says so.
   */
  reject(report: Report, signal: AbortSignal): Promise<{ set: HeaderSet; rejection: Rejection }>;
  /** Loads key and token again, under the same limits, and hands out what is current then. */
  forceRefresh(requirement: Requirement, signal: AbortSignal): Promise<HeaderSet>;
};

/** Tries a key at each gateway of a subscription. Never throws. */
type ProbeKey = (
  key: Secret,
  signal: AbortSignal,
) => Promise<readonly ('accepted' | 'refused' | 'forbidden' | 'unknown')[]>;

type Cached = { readonly fingerprint: Fingerprint };
type Look = {
  readonly at: number;
  readonly intervalMs: number;
  readonly fingerprint: string;
  readonly result: Promise<RejectionAction>;
};
/** The last look at each credential. It lives as long as the credential's cache: what callers send cannot make it grow. */
export type Looks = WeakMap<Refreshing<Cached>, Look>;

type Dependencies = {
  clock: Clock;
  headerSets: Pick<HeaderSets, 'handOut'>;
  keys: KeyCache;
  tokens: Pick<TokenCache, 'of'>;
  /** `undefined` for a subscription without a probe. */
  probeOf: (subscription: SubscriptionName) => ProbeKey | undefined;
  looks: Looks;
  /** Told of a published key that a gateway refuses. */
  onRefused: (subscription: SubscriptionName, key: Fingerprint) => void;
  /** Publishes the other slot's key in its place, if that can be. Never throws. @returns whether another key may be published by now. */
  fallBack: (subscription: SubscriptionName, refused: Fingerprint) => Promise<boolean>;
};

/** A second chance for a caller whose header set an API refused. */
export function createRejections(dependencies: Dependencies): Rejections {
  const { clock, headerSets, keys, tokens, probeOf, looks, onRefused, fallBack } = dependencies;

  /** Nobody's deadline ends a look: others may wait for it, and each load and probe has a deadline of its own. */
  const look = (cache: Refreshing<Cached>, fingerprint: string, start: () => Promise<RejectionAction>) => {
    const [last, at] = [looks.get(cache), clock.monotonic()];
    if (last && at - last.at < last.intervalMs) {
      return last.fingerprint === fingerprint ? last.result : Promise.resolve('limited' as const);
    }
    const result = start();
    looks.set(cache, { at, intervalMs: intervalAfter(last, fingerprint, at), fingerprint, result });
    return result;
  };

  const reloadOf = async <T extends Cached>(cache: Refreshing<T>, reported: string) => {
    try {
      const { value } = await cache.reload(neverAborted);
      return { action: value.fingerprint === reported ? ('unchanged' as const) : ('replaced' as const), value };
    } catch {
      return { action: 'source-down' as const, value: undefined };
    }
  };

  const lookAtKey = async (subscription: SubscriptionName, reported: string): Promise<RejectionAction> => {
    const { action, value } = await reloadOf(keys.of(subscription), reported);
    const probe = probeOf(subscription);
    if (action !== 'unchanged' || !probe) return action;
    const verdicts = await probe(value.secret, neverAborted);
    if (!verdicts.includes('refused')) return 'unchanged';
    onRefused(subscription, value.fingerprint);
    return (await fallBack(subscription, value.fingerprint)) ? leaveKey(subscription, value) : 'key-refused';
  };

  /** Whoever has published another key by now: this worker, another, or a tick. */
  const leaveKey = async (subscription: SubscriptionName, refused: SubscriptionKey): Promise<RejectionAction> => {
    const { action, value } = await reloadOf(keys.of(subscription), refused.fingerprint);
    if (action !== 'replaced') return 'key-refused';
    return value.slot === refused.slot ? 'replaced' : 'alternate';
  };

  const renew = async (cache: Refreshing<Cached>, reported: string, start: () => Promise<RejectionAction>) => {
    const current = cache.peek()?.value.fingerprint;
    if (current !== undefined && current !== reported) return 'superseded';
    return look(cache, reported, start);
  };

  const renewKey = ({ subscription }: Requirement, reported: string) =>
    renew(keys.of(subscription), reported, () => lookAtKey(subscription, reported));

  const renewToken = async ({ token }: Requirement, reported: string): Promise<RejectionAction> => {
    if (!token) return 'unchanged';
    const cache = tokens.of(token.client, token.scope);
    return renew(cache, reported, async () => (await reloadOf(cache, reported)).action);
  };

  const judge = async ({ requirement, id, status, body }: Report): Promise<Rejection> => {
    if (status === 403) return { credential: 'none', action: 'forbidden' };
    if (status === 429) return { credential: 'none', action: 'throttled' };
    const reported = readId(id);
    const blamed = requirement.token ? blame(body) : 'key';
    if (blamed === 'token') return { credential: 'token', action: await renewToken(requirement, reported.token) };
    const action = await renewKey(requirement, reported.key);
    // A key that the gateways take is not to blame.
    if (blamed === 'key' || isOfKey.has(action)) return { credential: 'key', action };
    return { credential: 'token', action: await renewToken(requirement, reported.token) };
  };

  const refreshNow = async (requirement: Requirement) => {
    const { subscription, token } = requirement;
    const key = keys.of(subscription).peek()?.value.fingerprint;
    const bearer = token && tokens.of(token.client, token.scope).peek()?.value.fingerprint;
    await Promise.all([key && renewKey(requirement, key), bearer && renewToken(requirement, bearer)]);
  };

  return {
    reject: async (report, signal) => {
      const rejection = await untilAborted(judge(report), signal);
      return { rejection, set: await headerSets.handOut(report.requirement, signal) };
    },
    forceRefresh: async (requirement, signal) => {
      await untilAborted(refreshNow(requirement), signal);
      return headerSets.handOut(requirement, signal);
    },
  };
}

/** A token tells nothing of whether it is refused: one false report has it replaced, and a flood must not have each one replaced that follows. */
function intervalAfter(last: Look | undefined, fingerprint: string, at: number): number {
  const isOfSuccessor = last && last.fingerprint !== fingerprint && at - last.at < quietMs;
  return isOfSuccessor ? Math.min(2 * last.intervalMs, longestIntervalMs) : firstIntervalMs;
}

const isOfKey: ReadonlySet<RejectionAction> = new Set(['replaced', 'superseded', 'alternate', 'key-refused']);
