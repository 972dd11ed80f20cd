import { issuerOf } from './claims.ts';
import { decodeToken } from './jwt.ts';
import type { Members } from './jwt.ts';
import type { SigningKey } from './keys.ts';

/** What is wrong with a token, in the order of the checks. */
type Flaw = 'malformed' | 'signature' | 'issuer' | 'audience' | 'expired' | 'revoked';

/** Whether a service accepts a token. A refusal carries the claims once the signature was good. */
export type Verdict = { ok: true; claims: Members } | { ok: false; reason: Flaw; claims?: Members };

/** What tokens are judged by. `epoch` counts how often all tokens were revoked. */
type Standards = {
  keys: readonly SigningKey[];
  tenants: readonly string[];
  baseUrl: string;
  audiences: readonly string[];
  nowMs: number;
  /** The latest that it has ever been. */
  latestMs: number;
  epoch: number;
};

/** Judges a token as Azure's services do: signature by a published key, v1 or v2 issuer of its tenant, audience, `nbf` and `exp` without leeway. */
export function judgeToken(token: string, standards: Standards): Verdict {
  const decoded = decodeToken(token);
  if (!decoded) return { ok: false, reason: 'malformed' };
  const { header, claims, isSignedBy } = decoded;
  const key = standards.keys.find(({ kid }) => kid === header['kid']);
  if (!key || !isSignedBy(key.publicKey)) return { ok: false, reason: 'signature' };
  const reason = checkClaims(claims, standards);
  return reason ? { ok: false, reason, claims } : { ok: true, claims };
}

function checkClaims(
  claims: Members,
  { tenants, baseUrl, audiences, nowMs, latestMs, epoch }: Standards,
): Flaw | undefined {
  const { tid, iss, aud, nbf, exp, uti } = claims;
  const tenant = tenants.find((each) => each === tid);
  if (!tenant || ![issuerOf(1, baseUrl, tenant), issuerOf(2, baseUrl, tenant)].some((each) => each === iss))
    return 'issuer';
  if (!audiences.some((each) => each === aud)) return 'audience';
  if (typeof exp !== 'number' || nowMs >= exp * 1000) return 'expired';
  if (typeof nbf === 'number' && latestMs < nbf * 1000) return 'expired';
  return epochOf(uti) < epoch ? 'revoked' : undefined;
}

/** Every `uti` starts like this, so that a token that ends up in some output is found there. */
const canary = 'CANARY';
const epochDigits = 8;

/** A unique token identifier that tells, to Entra alone, before which revocation it was issued. */
export function createUti(epoch: number, random: string): string {
  return canary + epoch.toString(16).padStart(epochDigits, '0') + random;
}

function epochOf(uti: unknown): number {
  const digits =
    typeof uti === 'string' && uti.startsWith(canary) ? uti.slice(canary.length, canary.length + epochDigits) : '';
  return /^[0-9a-f]+$/.test(digits) ? Number.parseInt(digits, 16) : 0;
}
