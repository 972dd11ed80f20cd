import { bearer, mark, type Group, type Row } from '../attack.ts';
import { kid, type Forge } from '../tokens.ts';

const refused = (name: string, make: (at: Forge & { listener: string }) => string, reason: Row[4] & string): Row => [
  name,
  (at) => bearer(make(at)),
  401,
  'invalid-token',
  reason,
];
const accepted = (name: string, make: (at: Forge) => string): Row => [name, (at) => bearer(make(at)), 200, 'accepted'];

const json = JSON.stringify;
const encode = (text: string | Buffer) => Buffer.from(text).toString('base64url');
const partsOf = (token: string) => token.split('.');
/** The token with one part replaced. */
const swap = (token: string, part: number, change: (old: string) => string) =>
  partsOf(token)
    .map((old, index) => (index === part ? change(old) : old))
    .join('.');

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** The same bytes by another last character: a bit that base64url does not use is set. */
export const respell = (part: string, by = 1): string =>
  part.slice(0, -1) + alphabet.charAt(alphabet.indexOf(part.at(-1) ?? '') + by);

/** Claims whose JSON is of a length that leaves unused bits in its last character. */
const uneven = ({ claims }: Forge): string => {
  const text = json(claims());
  return text.padEnd(text.length + 3 - ((text.length + 2) % 3));
};

const algorithms: readonly Row[] = [
  accepted('RS256 by the tenant’s key, so that what is refused below is refused for what it says', ({ token }) =>
    token(),
  ),
  refused(
    'none, and no signature',
    ({ header, claims }) => `${encode(json(header({ alg: 'none' })))}.${encode(json(claims()))}.`,
    'token-malformed',
  ),
  refused(
    'none, and no dot behind it',
    ({ header, claims }) => `${encode(json(header({ alg: 'none' })))}.${encode(json(claims()))}`,
    'token-malformed',
  ),
  refused('none, and a good signature', ({ signed, header }) => signed(header({ alg: 'none' })), 'token-header'),
  refused('None', ({ signed, header }) => signed(header({ alg: 'None' })), 'token-header'),
  refused('NONE', ({ signed, header }) => signed(header({ alg: 'NONE' })), 'token-header'),
  refused('nOnE, by an attacker', ({ forged, header }) => forged(header({ alg: 'nOnE' })), 'token-header'),
  refused(
    'HS256 with the public key, as PEM, for its secret',
    ({ hmac, header, publicPem }) => hmac(header({ alg: 'HS256' }), publicPem),
    'token-header',
  ),
  refused(
    'HS256 with the public key, as JWK, for its secret',
    ({ hmac, header, jwk }) => hmac(header({ alg: 'HS256' }), json(jwk)),
    'token-header',
  ),
  refused(
    'HS256 with the modulus for its secret',
    ({ hmac, header, jwk }) => hmac(header({ alg: 'HS256' }), String(jwk['n'])),
    'token-header',
  ),
  refused('HS256 with an empty secret', ({ hmac, header }) => hmac(header({ alg: 'HS256' }), ''), 'token-header'),
  refused(
    'RS256 by name, and an HMAC with the public key',
    ({ hmac, header, publicPem }) => hmac(header(), publicPem),
    'signature',
  ),
  refused('RS384, well signed', ({ signedBy }) => signedBy('RS384'), 'token-header'),
  refused('RS512, well signed', ({ signedBy }) => signedBy('RS512'), 'token-header'),
  refused('PS256, well signed', ({ signedBy }) => signedBy('PS256'), 'token-header'),
  refused('ES256', ({ forged, header }) => forged(header({ alg: 'ES256' })), 'token-header'),
  refused('EdDSA', ({ forged, header }) => forged(header({ alg: 'EdDSA' })), 'token-header'),
  refused('rs256', ({ signed, header }) => signed(header({ alg: 'rs256' })), 'token-header'),
  refused('RS256 and a blank', ({ signed, header }) => signed(header({ alg: 'RS256 ' })), 'token-header'),
  refused('RS256 and a NUL', ({ signed, header }) => signed(header({ alg: 'RS256\0' })), 'token-header'),
  refused('a list of RS256', ({ signed, header }) => signed(header({ alg: ['RS256'] })), 'token-header'),
  refused('null', ({ signed, header }) => signed(header({ alg: null })), 'token-header'),
  refused('no algorithm', ({ signed, header }) => signed(header({ alg: undefined })), 'token-header'),
  refused(
    'two: none, and then RS256, by an attacker',
    ({ forged }) => forged(`{"alg":"none","alg":"RS256","typ":"JWT","kid":"${kid}"}`),
    'signature',
  ),
  refused(
    'two: RS256, and then none',
    ({ signed }) => signed(`{"alg":"RS256","typ":"JWT","kid":"${kid}","alg":"none"}`),
    'token-header',
  ),
];

const keysInHeaders: readonly Row[] = [
  refused('jwk', ({ forged, header, attackersJwk }) => forged(header({ jwk: attackersJwk })), 'signature'),
  refused(
    'jwk, and no kid',
    ({ forged, header, attackersJwk }) => forged(header({ jwk: attackersJwk, kid: undefined })),
    'token-header',
  ),
  refused(
    'jku, to a server of the attacker’s',
    ({ forged, header, listener }) => forged(header({ jku: `${listener}/${mark}` })),
    'signature',
  ),
  refused(
    'x5u, to a server of the attacker’s',
    ({ forged, header, listener }) => forged(header({ x5u: `${listener}/${mark}` })),
    'signature',
  ),
  refused('x5c', ({ forged, header }) => forged(header({ x5c: [Buffer.from(mark).toString('base64')] })), 'signature'),
  refused('x5t of another', ({ forged, header }) => forged(header({ x5t: mark, 'x5t#S256': mark })), 'signature'),
  refused(
    'a kid that is the URL of a key',
    ({ forged, header, listener }) => forged(header({ kid: `${listener}/${mark}` })),
    'signing-key-unknown',
  ),
  accepted('jwk of an attacker, signed by the tenant: it has no say', ({ signed, header, attackersJwk }) =>
    signed(header({ jwk: attackersJwk })),
  ),
];

const kids: readonly Row[] = [
  refused('none', ({ signed, header }) => signed(header({ kid: undefined })), 'token-header'),
  refused('an empty one', ({ signed, header }) => signed(header({ kid: '' })), 'token-header'),
  refused('a number', ({ signed, header }) => signed(header({ kid: 0 })), 'token-header'),
  refused('a list', ({ signed, header }) => signed(header({ kid: [kid] })), 'token-header'),
  refused('an object', ({ signed, header }) => signed(header({ kid: { toString: kid } })), 'token-header'),
  refused(
    'one of 129 characters',
    ({ signed, header }) => signed(header({ kid: mark.padEnd(129, 'x') })),
    'token-header',
  ),
  refused('__proto__', ({ signed }) => signed(`{"alg":"RS256","typ":"JWT","kid":"__proto__"}`), 'signing-key-unknown'),
  refused('constructor', ({ signed, header }) => signed(header({ kid: 'constructor' })), 'signing-key-unknown'),
  refused(
    'a path',
    ({ forged, header }) => forged(header({ kid: `../../../dev/null/${mark}` })),
    'signing-key-unknown',
  ),
  refused('SQL', ({ forged, header }) => forged(header({ kid: `' UNION SELECT '${mark}` })), 'signing-key-unknown'),
  refused('a command', ({ forged, header }) => forged(header({ kid: `|touch ${mark}` })), 'signing-key-unknown'),
  refused('CRLF', ({ forged, header }) => forged(header({ kid: `${mark}\r\nX-Injected: 1` })), 'signing-key-unknown'),
  refused(
    'a NUL behind a known one',
    ({ signed, header }) => signed(header({ kid: `${kid}\0` })),
    'signing-key-unknown',
  ),
  refused(
    'a known one in capitals',
    ({ signed, header }) => signed(header({ kid: kid.toUpperCase() })),
    'signing-key-unknown',
  ),
  refused('a known one and a blank', ({ signed, header }) => signed(header({ kid: `${kid} ` })), 'signing-key-unknown'),
  refused(
    'a known one’s beginning',
    ({ signed, header }) => signed(header({ kid: kid.slice(0, -1) })),
    'signing-key-unknown',
  ),
  refused(
    'two: an unknown one last',
    ({ signed }) => signed(`{"alg":"RS256","typ":"JWT","kid":"${kid}","kid":"${mark}"}`),
    'signing-key-unknown',
  ),
  refused('ours, and the key another’s', ({ forged, header }) => forged(header()), 'signature'),
];

const weakKeys: readonly Row[] = [
  refused('of 1,024 bits', ({ short }) => short('short'), 'signing-key-unknown'),
  refused('of 1,024 bits, written as 2,048', ({ short }) => short('short-lengthened'), 'signing-key-unknown'),
  refused(
    'with the exponent 1, which anybody can sign for',
    ({ unkeyed }) => unkeyed('exponent-one'),
    'signing-key-unknown',
  ),
  refused('for encryption', ({ signed, header }) => signed(header({ kid: 'for-encryption' })), 'signing-key-unknown'),
  refused(
    'for another algorithm',
    ({ signed, header }) => signed(header({ kid: 'for-another-algorithm' })),
    'signing-key-unknown',
  ),
  refused(
    'of another tenant’s issuer',
    ({ signed, header }) => signed(header({ kid: 'of-another-tenant' })),
    'signing-key-unknown',
  ),
  refused(
    'that is symmetric',
    ({ hmac, header, jwk }) => hmac(header({ kid: 'symmetric' }), String(jwk['n'])),
    'signing-key-unknown',
  ),
  refused(
    'without a modulus',
    ({ signed, header }) => signed(header({ kid: 'without-modulus' })),
    'signing-key-unknown',
  ),
];

const extensions: readonly Row[] = [
  refused('crit that is empty', ({ signed, header }) => signed(header({ crit: [] })), 'token-header'),
  refused('crit with exp', ({ signed, header }) => signed(header({ crit: ['exp'], exp: 1 })), 'token-header'),
  refused(
    'crit with b64, and the payload as it is',
    ({ signed, header }) => signed(header({ crit: ['b64'], b64: false })),
    'token-header',
  ),
  refused(
    'crit with a name of the attacker’s',
    ({ signed, header }) => signed(header({ crit: [mark], [mark]: true })),
    'token-header',
  ),
  refused('crit null', ({ signed, header }) => signed(header({ crit: null })), 'token-header'),
  refused('no typ', ({ signed, header }) => signed(header({ typ: undefined })), 'token-header'),
  refused('typ of a logout token', ({ signed, header }) => signed(header({ typ: 'logout+jwt' })), 'token-header'),
  refused('typ of a proof of possession', ({ signed, header }) => signed(header({ typ: 'dpop+jwt' })), 'token-header'),
  refused('typ as a list', ({ signed, header }) => signed(header({ typ: ['JWT'] })), 'token-header'),
  accepted('typ of an access token (RFC 9068)', ({ signed, header }) => signed(header({ typ: 'at+jwt' }))),
];

const segments: readonly Row[] = [
  refused('one', () => mark, 'token-malformed'),
  refused('two', ({ token }) => partsOf(token()).slice(0, 2).join('.'), 'token-malformed'),
  refused('four', ({ token }) => `${token()}.${mark}`, 'token-malformed'),
  refused('five, as of an encrypted one', ({ token }) => `${token()}..${mark}`, 'token-malformed'),
  refused('three that are empty', () => '..', 'token-malformed'),
  refused('an empty payload, which is detached', ({ token }) => swap(token(), 1, () => ''), 'token-malformed'),
  refused('an empty header', ({ token }) => swap(token(), 0, () => ''), 'token-malformed'),
  refused('an empty signature', ({ token }) => swap(token(), 2, () => ''), 'token-malformed'),
  refused(
    'JSON serialisation',
    ({ token }) => encode(json({ payload: partsOf(token())[1], signatures: [] })),
    'token-malformed',
  ),
  refused('a header that is a list', ({ token }) => swap(token(), 0, () => encode('[]')), 'token-malformed'),
  refused('a header that is null', ({ token }) => swap(token(), 0, () => encode('null')), 'token-malformed'),
  refused('a header that is half of one', ({ token }) => swap(token(), 0, (old) => old.slice(0, 9)), 'token-malformed'),
  refused(
    'a header of invalid UTF-8',
    ({ token }) => swap(token(), 0, () => encode(Buffer.from([0x7b, 0xff, 0x7d]))),
    'token-malformed',
  ),
  refused(
    'a payload that is a list',
    ({ signed, header, claims }) => signed(header(), json([claims()])),
    'claims-malformed',
  ),
  refused('a payload that is null', ({ signed, header }) => signed(header(), 'null'), 'claims-malformed'),
  refused(
    'a payload with something behind it',
    ({ signed, header, claims }) => signed(header(), `${json(claims())}{}`),
    'claims-malformed',
  ),
  refused(
    'a payload of invalid UTF-8',
    ({ signed, header }) => signed(header(), Buffer.from([0x7b, 0xc3, 0x28, 0x7d])),
    'claims-malformed',
  ),
  refused(
    'a payload in UTF-16',
    ({ signed, header, claims }) => signed(header(), Buffer.from(json(claims()), 'utf16le')),
    'claims-malformed',
  ),
  refused(
    'another payload than was signed',
    ({ token, claims }) => swap(token(), 1, () => encode(json(claims('reporting')))),
    'signature',
  ),
  refused(
    'another header than was signed',
    ({ token, header }) => swap(token(), 0, () => encode(json(header({ more: 1 })))),
    'signature',
  ),
  refused(
    'the signature of another token',
    ({ token }) => swap(token(), 2, () => partsOf(token('reporting'))[2] ?? ''),
    'signature',
  ),
  refused('a signature of zeros', ({ token }) => swap(token(), 2, () => encode(Buffer.alloc(256))), 'signature'),
  refused(
    'a signature that is too short',
    ({ token }) => swap(token(), 2, (old) => encode(Buffer.from(old, 'base64url').subarray(1))),
    'signature',
  ),
  refused(
    'a signature that is too long',
    ({ token }) => swap(token(), 2, (old) => encode(Buffer.concat([Buffer.alloc(3), Buffer.from(old, 'base64url')]))),
    'signature',
  ),
];

const encodings: readonly Row[] = [
  refused(
    'a signature with unused bits set',
    ({ token }) => swap(token(), 2, (old) => respell(old)),
    'token-malformed',
  ),
  refused(
    'a payload with unused bits set',
    (at) => swap(at.signed(at.header(), uneven(at)), 1, (old) => respell(old)),
    'signature',
  ),
  refused('padding', ({ token }) => `${token()}==`, 'token-malformed'),
  refused('padding in the middle', ({ token }) => swap(token(), 0, (old) => `${old}=`), 'token-malformed'),
  refused(
    'the alphabet of base64',
    ({ token }) => swap(token(), 2, (old) => `${old.slice(0, -2)}+/`),
    'token-malformed',
  ),
  refused(
    'a blank in it',
    ({ token }) => swap(token(), 1, (old) => `${old.slice(0, 9)} ${old.slice(9)}`),
    'token-malformed',
  ),
  refused(
    'a tab in it',
    ({ token }) => swap(token(), 1, (old) => `${old.slice(0, 9)}\t${old.slice(9)}`),
    'token-malformed',
  ),
  refused('dots that are percent-encoded', ({ token }) => token().replaceAll('.', '%2E'), 'token-malformed'),
  refused('quotes around it', ({ token }) => `"${token()}"`, 'token-malformed'),
  refused('a byte that is no ASCII', ({ token }) => `${token()}\u00e9`, 'token-malformed'),
  refused('the word Bearer twice', ({ token }) => `Bearer ${token()}`, 'token-malformed'),
  refused('16,385 characters', () => mark.padEnd(16_385, 'x'), 'token-too-long'),
  refused(
    '30,000 characters, well signed',
    ({ signed, header, claims }) => signed(header(), json(claims('billing', { pad: 'x'.repeat(22_000) }))),
    'token-too-long',
  ),
];

const duplicates: readonly Row[] = [
  refused(
    'aud: ours first',
    ({ signed, header, claims }) =>
      signed(header(), json(claims()).replace('{', '{"x":1,').replace(/}$/, `,"aud":"${mark}"}`)),
    'audience',
  ),
  refused(
    'idtyp: app first',
    ({ signed, header, claims }) => signed(header(), json(claims()).replace(/}$/, ',"idtyp":"user"}')),
    'not-app-only',
  ),
  refused(
    'exp: the good one first',
    ({ signed, header, claims }) => signed(header(), json(claims()).replace(/}$/, ',"exp":1}')),
    'claims-malformed',
  ),
  refused(
    'all of them, inherited',
    ({ signed, header, claims }) => signed(header(), `{"__proto__":${json(claims())}}`),
    'issuer',
  ),
];

const numbers: readonly Row[] = [
  ...[1e300, -1, 0, 2 ** 60, true, null, [], '', {}].map((exp) =>
    refused(`exp ${json(exp)}`, ({ token }) => token('billing', { exp }), 'claims-malformed'),
  ),
  refused('exp as text', ({ token, claims }) => token('billing', { exp: String(claims()['exp']) }), 'claims-malformed'),
  refused('no exp', ({ token }) => token('billing', { exp: undefined }), 'claims-malformed'),
  refused('no nbf', ({ token }) => token('billing', { nbf: undefined }), 'claims-malformed'),
  refused('no iat', ({ token }) => token('billing', { iat: undefined }), 'claims-malformed'),
  refused('nbf -1e300', ({ token }) => token('billing', { nbf: -1e300 }), 'claims-malformed'),
  refused(
    'exp that is no JSON',
    ({ signed, header, claims }) => signed(header(), json(claims()).replace(/"exp":\d+/, '"exp":Infinity')),
    'claims-malformed',
  ),
];

const named = (prefix: string, rows: readonly Row[]): Row[] =>
  rows.map(([name, ...rest]): Row => [`${prefix}: ${name}`, ...rest]);

export const jwtForgery: Group = {
  name: 'JWT forgery',
  guarantee: 1,
  rows: [
    ...named('algorithm', algorithms),
    ...named('a key in the header', keysInHeaders),
    ...named('kid', kids),
    ...named('a published key', weakKeys),
    ...named('header', extensions),
    ...named('segments', segments),
    ...named('encoding', encodings),
    ...named('a claim twice', duplicates),
    ...named('numbers', numbers),
  ],
};
