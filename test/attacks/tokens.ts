import { constants, createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { audience, callers, tenants } from '../../local/sample.ts';
import { claimsAt, compact, hmacWith, signWith, type Members } from '../support/caller-tokens.ts';

/** Who a token speaks for: a caller of the sample, or an operator. */
export type Who = 'billing' | 'reporting' | 'bookkeeping' | 'stranger' | 'platform' | 'auditor';

/** The header or payload of a token: members, or what is to stand there. */
type Part = Members | string | Buffer;

/** Makes tokens, good and forged. What is not said is as Entra would have it. */
export type Forge = {
  readonly issuer: string;
  /** A good token of that caller, but for these claims; `undefined` takes one away. */
  token(who?: Who, changes?: Members): string;
  /** The claims of a good one, but for these. */
  claims(who?: Who, changes?: Members): Members;
  /** The header of a good one, but for these members. */
  header(changes?: Members): Members;
  /** Signed by the tenant's key, whatever header and payload say. */
  signed(header: Part, payload?: Part): string;
  /** Signed by somebody else's. */
  forged(header: Part, payload?: Part): string;
  /** Signed by the tenant's key with the algorithm that its header names. */
  signedBy(alg: 'RS384' | 'RS512' | 'PS256'): string;
  /** Signed by a key of 1,024 bits. */
  short(kid: string): string;
  /** Signed without any key: with the exponent 1, what is signed is its own signature. */
  unkeyed(kid: string): string;
  /** With an HMAC. */
  hmac(header: Members, key: string): string;
  readonly publicPem: string;
  /** What the tenant publishes of its key, and an attacker of theirs. */
  readonly jwk: Members;
  readonly attackersJwk: Members;
};

/** The `kid` of the key that the tenant signs with. */
export const kid = 'current-signing-key';

/** Makes tokens of a tenant, and the keys that it publishes: a good one, and others that are no good. */
export function createForge(entra: string): { forge: Forge; published: readonly Members[] } {
  const issuer = `${entra}/${tenants.broker}/v2.0`;
  const [ours, attackers] = [2_048, 2_048].map((modulusLength) => generateKeyPairSync('rsa', { modulusLength }));
  const short = generateKeyPairSync('rsa', { modulusLength: 1_024 });
  if (!ours || !attackers) throw new Error('There are no keys.');
  const jwk = { ...ours.publicKey.export({ format: 'jwk' }), use: 'sig', kid, issuer };

  const claims: Forge['claims'] = (who = 'billing', changes = {}) => {
    const { clientId, objectId, roles } = callers[who] ?? { roles: [] };
    const own = { aud: audience, iss: issuer, tid: tenants.broker, azp: clientId, oid: objectId, sub: objectId, roles };
    return claimsAt(Date.now(), { ...own, ...changes });
  };
  const header: Forge['header'] = (changes = {}) => ({ typ: 'JWT', alg: 'RS256', kid, ...changes });
  const forge: Forge = {
    issuer,
    claims,
    header,
    token: (who, changes) => forge.signed(header(), claims(who, changes)),
    signed: (head, payload = claims()) => compact(head, payload, signWith(ours.privateKey)),
    forged: (head, payload = claims()) => compact(head, payload, signWith(attackers.privateKey)),
    signedBy: (alg) => compact(header({ alg }), claims(), signAs(alg, ours.privateKey)),
    short: (of) => compact(header({ kid: of }), claims(), signWith(short.privateKey)),
    unkeyed: (of) => compact(header({ kid: of }), claims(), encodeDigest),
    hmac: (head, key) => compact(head, claims(), hmacWith(key)),
    publicPem: ours.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    jwk,
    attackersJwk: attackers.publicKey.export({ format: 'jwk' }),
  };
  return { forge, published: publishedBeside(jwk, short.publicKey) };
}

/** Whoever holds such a key, or needs none for it, could sign with each of the others. */
function publishedBeside(jwk: Members, short: KeyObject): readonly Members[] {
  const { n: modulus = '' } = short.export({ format: 'jwk' });
  const lengthened = Buffer.concat([Buffer.alloc(128), Buffer.from(modulus, 'base64url')]).toString('base64url');
  const otherIssuer = String(jwk['issuer']).replace(tenants.broker, tenants.partner);
  return [
    jwk,
    { ...jwk, kid: 'short', n: modulus },
    { ...jwk, kid: 'short-lengthened', n: lengthened },
    { ...jwk, kid: 'exponent-one', e: 'AQ' },
    { ...jwk, kid: 'for-encryption', use: 'enc' },
    { ...jwk, kid: 'for-another-algorithm', alg: 'RS512' },
    { ...jwk, kid: 'of-another-tenant', issuer: otherIssuer },
    { kty: 'oct', use: 'sig', kid: 'symmetric', k: jwk['n'], issuer: jwk['issuer'] },
    { ...jwk, kid: 'without-modulus', n: undefined },
  ];
}

/** What a good signature opens to, for a modulus of 2,048 bits (RFC 8017, section 9.2). */
function encodeDigest(input: string): Buffer {
  const digest = createHash('sha256').update(input).digest();
  const algorithm = Buffer.from('3031300d060960864801650304020105000420', 'hex');
  const padding = Buffer.alloc(256 - 3 - algorithm.length - digest.length, 0xff);
  return Buffer.concat([Buffer.from([0, 1]), padding, Buffer.from([0]), algorithm, digest]);
}

function signAs(alg: 'RS384' | 'RS512' | 'PS256', key: KeyObject) {
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return (input: string) => sign(`sha${alg.slice(2)}`, Buffer.from(input), { key, ...(alg === 'PS256' && pss) });
}
