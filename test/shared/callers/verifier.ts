import { createTokenVerifier, type TokenVerifier } from '../../../shared/callers/verify.ts';
import { expected, type Signer } from '../../support/caller-tokens.ts';
import { createTenant, signal, type Tenant } from './tenant.ts';

/** A verifier over a tenant in memory. `lookUps` are the kids that it has looked up, of which each stands for a signature verified. */
export type Verifier = {
  readonly tenant: Tenant;
  readonly lookUps: string[];
  readonly verify: (token: string) => ReturnType<TokenVerifier['verify']>;
  /** `accepted`, or the code and reason of the refusal. */
  readonly verdictOn: (token: string) => Promise<unknown>;
};

export function createVerifier(signers: readonly Signer[], options: { cacheLimit?: number } = {}): Verifier {
  const tenant = createTenant(signers.map(({ jwk }) => jwk));
  const lookUps: string[] = [];
  const keys = {
    ...tenant.keys,
    find: (kid: string, until: AbortSignal) => {
      lookUps.push(kid);
      return tenant.keys.find(kid, until);
    },
  };
  const verifier = createTokenVerifier({ clock: tenant.clock, keys }, { ...expected, ...options });
  const verify = (token: string) => verifier.verify(token, signal);
  const verdictOn = (token: string): Promise<unknown> =>
    verify(token).then(
      () => 'accepted',
      (error: unknown) => ({ code: Reflect.get(Object(error), 'code'), reason: Reflect.get(Object(error), 'reason') }),
    );
  return { tenant, lookUps, verify, verdictOn };
}
