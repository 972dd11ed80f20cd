import type { Clock } from '../clock.ts';
import { BrokerError } from '../errors.ts';
import type { ClientName, Fingerprint, ScopeName, SubscriptionName } from '../names.ts';
import { leastLifeMs, type Loaded } from '../refreshing.ts';
import type { Secret } from '../secret.ts';
import { goodUntil, type KeyCache, type SubscriptionKey } from './keys.ts';
import type { BearerToken, TokenCache } from './tokens.ts';

/** The headers that a caller is given for one API, good for `lifeMs` milliseconds from now. */
export type HeaderSet = {
  /** Carries fingerprints, not secrets. */
  readonly id: string;
  readonly headers: readonly Header[];
  readonly lifeMs: number;
  readonly key: Fingerprint;
  readonly token: Fingerprint | undefined;
};

type Header = { readonly name: 'Ocp-Apim-Subscription-Key' | 'Authorization'; readonly value: Secret };

/** What an API asks of a header set. */
export type Requirement = {
  readonly subscription: SubscriptionName;
  /** Absent where a key is enough. */
  readonly token?: { readonly client: ClientName; readonly scope: ScopeName } | undefined;
};

export type HeaderSets = {
  /**
   * A header set that is good for the header lifetime, or for all that is left of its parts while their source is down.
   *
   * @throws {BrokerError} when a part is neither cached nor to be had.
   */
  handOut(requirement: Requirement, signal: AbortSignal): Promise<HeaderSet>;
  /** Whether `handOut` would answer from what is cached. */
  isCached(requirement: Requirement): boolean;
};

type Dependencies = { clock: Clock; keys: KeyCache; tokens: Pick<TokenCache, 'of'> };

export function createHeaderSets(
  { clock, keys, tokens }: Dependencies,
  options: { headerLifetimeMs: number },
): HeaderSets {
  const tokenCacheOf = ({ token }: Requirement) => token && tokens.of(token.client, token.scope);
  return {
    handOut: async (requirement, signal) => {
      const [key, token] = await Promise.all([
        keys.of(requirement.subscription).get(options.headerLifetimeMs, signal),
        tokenCacheOf(requirement)?.get(options.headerLifetimeMs, signal),
      ]);
      const endsAt = Math.min(key.expiresAt, goodUntil(clock, key.value), token?.expiresAt ?? Infinity);
      const lifeMs = Math.min(options.headerLifetimeMs, endsAt - clock.monotonic());
      // One part may have come to its end while the other was waited for.
      if (lifeMs < leastLifeMs) throw new BrokerError('deadline');
      return toHeaderSet(key, token, lifeMs);
    },
    isCached: (requirement) => {
      const token = tokenCacheOf(requirement);
      return keys.of(requirement.subscription).peek() !== undefined && (!token || token.peek() !== undefined);
    },
  };
}

function toHeaderSet(
  { value: key }: Loaded<SubscriptionKey>,
  token: Loaded<BearerToken> | undefined,
  lifeMs: number,
): HeaderSet {
  const headers: Header[] = [{ name: 'Ocp-Apim-Subscription-Key', value: key.secret }];
  if (token) headers.push({ name: 'Authorization', value: token.value.authorization });
  return {
    id: `hs_${key.fingerprint}${token?.value.fingerprint ?? ''}`,
    headers,
    lifeMs,
    key: key.fingerprint,
    token: token?.value.fingerprint,
  };
}
