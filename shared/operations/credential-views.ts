import type { Clock } from '../clock.ts';
import type { ClientConfig, SubscriptionConfig } from '../config/config.ts';
import { daysUntil } from '../credentials/expiry.ts';
import type { KeyCache } from '../credentials/keys.ts';
import type { TokenCache } from '../credentials/tokens.ts';
import type { StatusAnswer } from '../http/contract/status.ts';
import type { ScopeName } from '../names.ts';
import type { Figures } from './figures.ts';
import { toMoment } from './moment.ts';

type Client = StatusAnswer['clients'][number];
type Token = Client['tokens'][number];
type Key = StatusAnswer['subscriptions'][number]['key'];

/** The caches, which are looked into and not filled. */
export type Caches = {
  readonly clock: Clock;
  readonly keys: KeyCache;
  readonly tokens: TokenCache;
  readonly figures: Pick<Figures, 'failureOf'>;
};

/** A subscription's key as this instance has it, and nothing of the key itself. */
export function toKeyView({ clock, keys, figures }: Caches, { name }: SubscriptionConfig): Key {
  const cached = keys.of(name).peek();
  const { fingerprint = null, generation = null, slot = null, safeUntil, readAt } = cached?.value ?? {};
  return {
    fingerprint,
    generation,
    slot,
    safeUntil: toMomentOrNull(safeUntil),
    readOn: toMomentOrNull(readAt),
    usableUntil: toMomentOrNull(cached && toWall(clock, cached.expiresAt)),
    lastFailure: figures.failureOf({ kind: 'key', of: name }) ?? null,
  };
}

export function toClientView(
  caches: Caches,
  { name, tenantId, credential }: ClientConfig,
  scopes: readonly ScopeName[],
): Client {
  const { clock, tokens, figures } = caches;
  const expiresOn = tokens.secretExpiryOf(name);
  return {
    name,
    tenantId,
    credential: credential.kind,
    secret: {
      expiresOn: toMomentOrNull(expiresOn),
      daysLeft: expiresOn === undefined ? null : daysUntil(expiresOn, clock.wall()),
      lastFailure: figures.failureOf({ kind: 'client-secret', of: name }) ?? null,
    },
    tokens: scopes.map((scope) => toTokenView(caches, name, scope)),
  };
}

function toTokenView({ clock, tokens, figures }: Caches, client: ClientConfig['name'], scope: ScopeName): Token {
  const cached = tokens.of(client, scope).peek();
  return {
    scope,
    fingerprint: cached?.value.fingerprint ?? null,
    refreshOn: toMomentOrNull(cached && toWall(clock, cached.refreshAt)),
    usableUntil: toMomentOrNull(cached && toWall(clock, cached.expiresAt)),
    lastFailure: figures.failureOf({ kind: 'token', of: client, scope }) ?? null,
  };
}

/** A moment of the monotonic clock on the wall's. */
function toWall(clock: Clock, at: number): number {
  return clock.wall() + at - clock.monotonic();
}

function toMomentOrNull(wallMs: number | undefined) {
  return wallMs === undefined ? null : toMoment(wallMs);
}
