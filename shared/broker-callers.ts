import { createSigningKeySource } from './azure/signing-keys.ts';
import type { Worker } from './broker-worker.ts';
import { createPolicy, type Policy } from './callers/policy.ts';
import { createRateLimiter, type RateLimiter } from './callers/rate.ts';
import { createSigningKeys, type SigningKeys } from './callers/signing-keys.ts';
import { createTokenVerifier, type TokenVerifier } from './callers/verify.ts';
import type { Config } from './config/config.ts';
import { BrokerError } from './errors.ts';
import { createAuthenticate, type Authenticate } from './http/authenticate.ts';
import { createKept, createKeptByName } from './kept.ts';
import type { CallerName } from './names.ts';

/** Who may have what, by one configuration after another. */
export type Callers = {
  readonly signingKeys: SigningKeys;
  readonly verifier: TokenVerifier;
  readonly policy: Policy;
  readonly authenticate: Authenticate;
};

export function buildCallers({ settings, clock, report, measured, terms }: Worker): (config: Config) => Callers {
  const { authorityHost } = settings;
  const keepSigningKeys = createKept<SigningKeys>();
  const keepVerifier = createKept<TokenVerifier>();
  const keepLimiters = createKeptByName<CallerName, RateLimiter<CallerName>>();

  return ({ broker: { tenantId, audience }, apis, callers }) => {
    const issuer = `${authorityHost}/${tenantId}/v2.0`;
    const signingKeys = keepSigningKeys(tenantId, () =>
      createSigningKeys(
        { clock, source: measured.signingKeys(createSigningKeySource(clock, { authorityHost, tenantId })) },
        {
          issuer: { issuer, tenantId },
          upstreamTimeoutMs: () => terms.current.upstreamTimeoutMs,
          onFailure: report('signing-keys'),
        },
      ),
    );
    const verifier = keepVerifier([tenantId, audience], () =>
      createTokenVerifier({ clock, keys: signingKeys }, { issuer, tenantId, audience }),
    );
    const policy = createPolicy(
      callers.map((caller) => ({ ...caller, apis: new Set(caller.apis) })),
      new Set(apis.map(({ name }) => name)),
    );
    // One for each caller, so that one whose limit is the same goes on with what is left in its bucket.
    const limiters = keepLimiters(new Map(callers.map(({ name, rateLimit }) => [name, rateLimit])), (name, limit) =>
      createRateLimiter(clock, new Map([[name, limit]])),
    );
    const limiter: RateLimiter<CallerName> = {
      take: (caller) => {
        const own = limiters.get(caller);
        if (!own) throw new BrokerError('unexpected');
        own.take(caller);
      },
    };
    return { signingKeys, verifier, policy, authenticate: createAuthenticate({ verifier, policy, limiter }) };
  };
}
