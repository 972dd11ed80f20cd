import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../shared/clock.ts';
import type { App } from './apps.ts';
import { claimsOf } from './claims.ts';
import type { Proof } from './claims.ts';
import { encodeToken, mergeMembers } from './jwt.ts';
import type { Members } from './jwt.ts';
import { createSigningKeys } from './keys.ts';
import type { KeyName, SigningKeys } from './keys.ts';
import { createUti, judgeToken } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/** Any token, well- or ill-formed. What is not said is as Entra would have it. */
export type TokenSpec = {
  /** The app whose token it is; with a tenant alone, a token that names no app. */
  subject: App | { tenantId: string };
  audience: string;
  /** What the app proved itself with. Unless given, a secret if it has one. */
  proof?: Proof | undefined;
  /** 2 unless given. */
  version?: 1 | 2;
  lifetimeMs?: number;
  /** Replace what Entra would say; `null` takes a member away. */
  claims?: Members;
  header?: Members;
  /** `current` unless given. */
  key?: KeyName;
};

/** Makes tokens and judges them. */
export type Issuer = {
  keys: SigningKeys;
  /** Rejects with a `RangeError` for the key `previous` before the first roll-over. */
  mint(spec: TokenSpec): Promise<string>;
  /** Judges a bearer token as the service of that audience does, or of these audiences. */
  verify(token: string, audience: string | readonly string[]): Verdict;
  lifetimeMs(): number;
  /** For tokens that are made from now on. */
  setLifetime(ms: number): void;
  /** `verify` refuses every token made before. */
  revoke(): void;
};

/** What `createIssuer` takes. */
type IssuerOptions = { baseUrl: () => string; tenants: readonly string[]; clock: Clock };

const defaultLifetimeMs = 3_599_000;

/** An issuer for these tenants, which share its signing keys as Entra's do. */
export async function createIssuer({ baseUrl, tenants, clock }: IssuerOptions): Promise<Issuer> {
  const keys = await createSigningKeys();
  let lifetimeMs = defaultLifetimeMs;
  let epoch = 0;
  let latestMs = clock.wall();

  const claimsFor = ({
    subject,
    audience,
    proof,
    version = 2,
    lifetimeMs: wantedMs = lifetimeMs,
  }: TokenSpec): Members =>
    claimsOf({
      version,
      baseUrl: baseUrl(),
      tenantId: subject.tenantId,
      app: 'clientId' in subject ? subject : undefined,
      proof,
      audience,
      nowMs: clock.wall(),
      lifetimeMs: wantedMs,
      uti: createUti(epoch, randomBytes(12).toString('hex')),
    });

  return {
    keys,
    mint: async (spec) => {
      const { key: name = 'current' } = spec;
      const key = name === 'none' ? undefined : await keys.find(name);
      const header = key ? { typ: 'JWT', alg: 'RS256', kid: key.kid, x5t: key.kid } : { typ: 'JWT', alg: 'none' };
      const claims = mergeMembers(claimsFor(spec), spec.claims);
      return encodeToken(mergeMembers(header, spec.header), claims, key?.privateKey);
    },
    verify: (token, audience) => {
      const audiences = typeof audience === 'string' ? [audience] : audience;
      const nowMs = clock.wall();
      // A clock that was set back does not make what was issued before a thing of the future.
      latestMs = Math.max(latestMs, nowMs);
      return judgeToken(token, {
        keys: keys.published(),
        tenants,
        baseUrl: baseUrl(),
        audiences,
        nowMs,
        latestMs,
        epoch,
      });
    },
    lifetimeMs: () => lifetimeMs,
    setLifetime: (ms) => {
      lifetimeMs = ms;
    },
    revoke: () => {
      epoch += 1;
    },
  };
}
