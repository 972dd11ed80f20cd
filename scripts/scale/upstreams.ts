import { generateKeyPairSync } from 'node:crypto';
import type { PublishedKey, SigningKeySource } from '../../shared/callers/ports.ts';
import type { Clock } from '../../shared/clock.ts';
import type { KeyStore, SecretStore, TokenIssuer } from '../../shared/credentials/ports.ts';
import { BrokerError } from '../../shared/errors.ts';
import { Secret } from '../../shared/secret.ts';
import { createCounts, type Summary } from './counts.ts';

/** What Azure Key Vault answers in 10 s, in each vault and region ("Azure Key Vault service limits", secrets, all transactions). */
export const vaultLimitIn10s = 4_000;
const windowMs = 10_000;
/** How long an answer takes. Measured nowhere: of the order that both show from within their region. */
const [vaultMs, entraMs] = [20, 150];
/** What Entra issues app-only tokens for. */
const tokenLifeMs = 3_599_000;
/** P, the default promise, extended whenever less than three quarters of it is left. */
const promiseMs = 21_600_000;

/** When they are counted, and what they do to whom. Milliseconds from the start. */
export type Weather = {
  readonly countedFromMs: number;
  readonly countedUntilMs: number;
  /** Before, the vault throttles nobody, so that a scenario begins with full caches. */
  readonly throttledFromMs: number;
  readonly outage?: { readonly fromMs: number; readonly untilMs: number } | undefined;
};

/** One vault and one tenant, in front of all instances. */
export type Upstreams = {
  /** The two clients of the vault that an instance has, neither of which knows yet how to prove itself. */
  connect(): { store: SecretStore; keyStore: KeyStore };
  readonly issuer: TokenIssuer;
  readonly signingKeys: SigningKeySource;
  summary(): { vault: Summary; refused: number; tokens: Summary; signingKeys: Summary };
};

/**
 * @param weight how many instances each one stands for: the vault answers it the limit's share.
 */
export function createUpstreams(clock: Clock, weather: Weather, weight: number): Upstreams {
  const countsOf = () => createCounts(weather.countedFromMs, weather.countedUntilMs, weight);
  const [asked, throttled, tokens, fetched] = [countsOf(), countsOf(), countsOf(), countsOf()];
  const published = publishKey();
  const admit = createAdmission(clock, weather, vaultLimitIn10s / weight);
  const secret = new Secret('0123456789abcdef'.repeat(3));

  const answerAfter = (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve));

  const transact = async () => {
    asked.add(clock.monotonic());
    const status = admit();
    if (status === 429) throttled.add(clock.monotonic());
    await answerAfter(vaultMs);
    if (status !== 200) throw new BrokerError('vault-unavailable', { upstream: status });
  };

  /** Like the SDK's: whatever it asks before its first answer is asked twice, once to be told how to prove itself. */
  const createClient = () => {
    let isChallenged = false;
    return async () => {
      if (!isChallenged) await transact();
      isChallenged = true;
      await transact();
    };
  };

  return {
    connect: () => {
      const [readSecret, readKey] = [createClient(), createClient()];
      return {
        store: { read: () => readSecret().then(() => ({ secret, version: '1' })) },
        keyStore: {
          read: (name) =>
            readKey().then(() => ({
              secret,
              generation: 1,
              slot: 'primary',
              safeUntil: promisedUntil(clock, name.length),
            })),
        },
      };
    },
    issuer: {
      acquire: async () => {
        const startedAt = clock.monotonic();
        tokens.add(startedAt);
        await answerAfter(entraMs);
        return { token: secret, startedAt, lifeMs: tokenLifeMs };
      },
    },
    signingKeys: {
      fetch: async () => {
        fetched.add(clock.monotonic());
        await answerAfter(entraMs);
        return [published];
      },
    },
    summary: () => ({
      vault: asked.summary(),
      refused: throttled.summary().total,
      tokens: tokens.summary(),
      signingKeys: fetched.summary(),
    }),
  };
}

/** What the vault answers with, by windows of 10 s. What it refuses does not count ("Azure Key Vault throttling guidance"). */
function createAdmission(clock: Clock, { throttledFromMs, outage }: Weather, limit: number): () => number {
  let [window, admitted] = [-1, 0];
  return () => {
    const now = clock.monotonic();
    if (outage && now >= outage.fromMs && now < outage.untilMs) return 503;
    if (now < throttledFromMs) return 200;
    const current = Math.floor(now / windowMs);
    if (current !== window) [window, admitted] = [current, 0];
    if (admitted >= limit) return 429;
    admitted += 1;
    return 200;
  };
}

/** The timer extends it by and by, each subscription's at another time. */
function promisedUntil(clock: Clock, phase: number): number {
  const every = promiseMs / 4;
  const offset = (phase * every) / 16;
  return Math.floor((clock.wall() - offset) / every) * every + offset + promiseMs;
}

function publishKey(): PublishedKey {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  return { ...publicKey.export({ format: 'jwk' }), kid: 'key-1' };
}
