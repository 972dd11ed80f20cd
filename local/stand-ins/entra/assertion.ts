import type { X509Certificate } from 'node:crypto';
import { tokenExchange } from './apps.ts';
import type { App, Federation } from './apps.ts';
import { refusals } from './errors.ts';
import type { Refused } from './errors.ts';
import { decodeToken } from './jwt.ts';
import type { Members } from './jwt.ts';
import type { Verdict } from './verdict.ts';

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** What a client's assertion is judged by. */
export type AssertionStandards = {
  certificatesOf: (app: App) => readonly X509Certificate[];
  federationsOf: (app: App) => readonly Federation[];
  /** Judges a token as one of Entra's own. */
  verify: (token: string, audience: string) => Verdict;
  baseUrl: () => string;
  nowMs: number;
};

/**
 * Judges a client assertion (RFC 7523, section 2.2): one that the client has signed with the key of a certificate of its registration, or a token
 * of an issuer that the registration trusts. Which of them it is, is told by its issuer: a client's own names the client.
 */
export function checkAssertion(app: App, assertion: string, standards: AssertionStandards): Refused | undefined {
  const decoded = decodeToken(assertion);
  if (!decoded) return refusals.malformedAssertion();
  return decoded.claims['iss'] === app.clientId
    ? checkSigned(app, decoded, standards)
    : checkFederated(app, assertion, decoded.claims, standards);
}

/** The certificate is found by `x5t#S256`; what `x5c` holds is not trusted, but must be a list. */
function checkSigned(
  app: App,
  { header, claims, isSignedBy }: NonNullable<ReturnType<typeof decodeToken>>,
  { certificatesOf, baseUrl, nowMs }: AssertionStandards,
): Refused | undefined {
  const thumbprint = header['x5t#S256'];
  const certificate = certificatesOf(app).find((each) => thumbprintOf(each) === thumbprint);
  if (!certificate) return refusals.certificateRefused('The key was not found.');
  if (nowMs >= certificate.validToDate.getTime()) return refusals.certificateRefused('The key used is expired.');
  if (!Array.isArray(header['x5c']) || !isSignedBy(certificate.publicKey))
    return refusals.certificateRefused('The signature is not valid.');
  if (claims['sub'] !== app.clientId) return refusals.foreignAssertion();
  if (claims['aud'] !== `${baseUrl()}/${app.tenantId}/oauth2/v2.0/token`) return refusals.assertionAudience();
  const { exp, nbf, jti } = claims;
  if (typeof jti !== 'string' || typeof exp !== 'number') return refusals.malformedAssertion();
  const isTimely = nowMs < exp * 1000 + leewayMs && (typeof nbf !== 'number' || nowMs + leewayMs >= nbf * 1000);
  return isTimely ? undefined : refusals.untimelyAssertion();
}

/** Entra takes clocks that are five minutes apart. */
const leewayMs = 300_000;

function thumbprintOf({ fingerprint256 }: X509Certificate): string {
  return Buffer.from(fingerprint256.replaceAll(':', ''), 'hex').toString('base64url');
}

/** Each is compared as it is written: Entra names what is different, in this order. */
function checkFederated(
  app: App,
  assertion: string,
  { iss, sub, aud }: Members,
  { federationsOf, verify }: AssertionStandards,
): Refused | undefined {
  const all = federationsOf(app);
  if (all.length === 0) return refusals.noFederation(app.clientId);
  const ofIssuer = all.filter(({ issuer }) => issuer === iss);
  if (ofIssuer.length === 0) return refusals.federationIssuer(String(iss));
  const ofSubject = ofIssuer.filter(({ subject }) => subject === sub);
  if (ofSubject.length === 0) return refusals.federationSubject(String(sub));
  if (aud !== tokenExchange) return refusals.federationAudience(String(aud));
  const verdict = verify(assertion, tokenExchange);
  if (verdict.ok) return undefined;
  return verdict.reason === 'expired' ? refusals.untimelyAssertion() : refusals.malformedAssertion();
}
