/** A defence, taken away. */
export type Sabotage = {
  readonly defence: string;
  readonly file: string;
  /** What stands there, once, and what in its place takes the defence away. */
  readonly from: string;
  readonly to: string;
  /** The groups of attacks of which at least one must come through. */
  readonly groups: readonly string[];
};

const forgery = ['JWT forgery'];
const claims = ['Claims confusion'];
const paths = ['Path and parameter tricks'];
const headers = ['Header smuggling and spoofed platform headers'];
const negotiation = ['Methods, negotiation, conditional requests'];
const policy = ['Policy bypass'];
const admin = ['Admin surface'];
const refusals = ['Timing and look of refusals'];
const foreign = ['Pages of another origin, in Chromium'];
const page = ['The dashboard’s page, in Chromium'];
const floods = ['Floods'];

const [verify, claimsFile] = ['shared/callers/verify.ts', 'shared/callers/claims.ts'];
const dashboard = 'shared/http/dashboard.ts';

export const sabotages: readonly Sabotage[] = [
  {
    defence: 'a token’s header names RS256 and nothing that is critical',
    file: verify,
    from: "if (alg !== 'RS256' || !isAccessToken || crit !== undefined)",
    to: "if (alg === 'none' || !isAccessToken)",
    groups: forgery,
  },
  {
    defence: 'the signature is verified',
    file: verify,
    from: "const { payload } = await compactVerify(token, key, { algorithms: ['RS256'] });",
    to: "const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url');",
    groups: forgery,
  },
  {
    defence: 'a signature has one spelling',
    file: verify,
    from: "Buffer.from(signature, 'base64url').toString('base64url') !== signature",
    to: "signature === ''",
    groups: [...forgery, ...floods],
  },
  {
    defence: 'a token has a greatest length',
    file: verify,
    from: 'token.length > longestToken',
    to: 'token.length > 1e9',
    groups: forgery,
  },
  {
    defence: 'what is refused is not remembered',
    file: verify,
    from: 'const kid = readKid(token);',
    to: 'remembered.set(`${digest}?`, {}); const kid = readKid(token);',
    groups: floods,
  },
  {
    defence: 'weak keys are passed over',
    file: 'shared/callers/signing-keys.ts',
    from: 'readWhole(e) >= leastExponent',
    to: 'true',
    groups: forgery,
  },
  {
    defence: 'an unknown kid has the keys fetched once in five minutes',
    file: 'shared/callers/signing-keys.ts',
    from: 'now - forUnknownKid.startedAt >= unknownKidMs',
    to: 'true',
    groups: [...forgery, ...floods],
  },
  {
    defence: 'the issuer is the tenant’s, by the letter',
    file: claimsFile,
    from: "claims['iss'] !== expected.issuer",
    to: "!String(claims['iss']).includes(expected.issuer)",
    groups: claims,
  },
  {
    defence: 'the audience is one text, by the letter',
    file: claimsFile,
    from: "claims['aud'] !== expected.audience",
    to: "!String(claims['aud']).includes(expected.audience)",
    groups: claims,
  },
  {
    defence: 'a token says that it is an app’s',
    file: claimsFile,
    from: "idtyp === 'app' && scp === undefined",
    to: "idtyp !== 'user'",
    groups: claims,
  },
  {
    defence: 'a token ends',
    file: claimsFile,
    from: "if (expiresAt <= wallMs) throw new BrokerError('expired');",
    to: '',
    groups: claims,
  },
  {
    defence: 'azp and oid are both of the caller',
    file: 'shared/callers/policy.ts',
    from: 'byClient.get(clientId)?.get(objectId)',
    to: 'byClient.get(clientId)?.values().next().value',
    groups: claims,
  },
  {
    defence: 'a caller has its app role',
    file: 'shared/callers/policy.ts',
    from: "if (!roles.includes(headersRole)) throw new BrokerError('role-missing');",
    to: '',
    groups: claims,
  },
  {
    defence: 'a caller has the APIs that it is granted',
    file: 'shared/callers/policy.ts',
    from: 'if (!allowed.has(api))',
    to: 'if (!apis.has(api))',
    groups: policy,
  },
  {
    defence: 'a call needs its own grant',
    file: 'shared/http/call.ts',
    from: '!offer || !mayCall(caller, offer)',
    to: '!offer',
    groups: policy,
  },
  {
    defence: 'a header set is its recipient’s to report',
    file: 'shared/http/set-id.ts',
    from: '!areEqual(sealed, id + seal)',
    to: "sealed === ''",
    groups: policy,
  },
  {
    defence: 'there is one Authorization header',
    file: 'shared/http/authenticate.ts',
    from: "if (value.includes(',')) throw new BrokerError('authorization-repeated');",
    to: '',
    groups: headers,
  },
  {
    defence: 'a query has what the route takes, once',
    file: 'shared/http/query.ts',
    from: "if (!allowed.includes(name)) throw new BrokerError('query-unknown');",
    to: '',
    groups: paths,
  },
  {
    defence: 'a path means the same however often it is decoded',
    file: 'shared/call/target.ts',
    from: 'if (!isPlain(path))',
    to: "if (path === 'x')",
    groups: paths,
  },
  {
    defence: 'a member of a body stands there once',
    file: 'shared/http/body.ts',
    from: "new Set(names).size < names.length || names.includes('__proto__')",
    to: 'false',
    groups: negotiation,
  },
  {
    defence: 'no cache may keep an answer',
    file: 'shared/http/answer.ts',
    from: "'Cache-Control': 'no-store'",
    to: "'Cache-Control': 'private'",
    groups: negotiation,
  },
  {
    defence: 'nothing of a request is told back',
    file: 'shared/http/serve.ts',
    from: "'X-Request-Id': exchange.requestId",
    to: "'X-Request-Id': request.headers.get('x-request-id') ?? exchange.requestId",
    groups: headers,
  },
  {
    defence: 'each refusal is on record',
    file: 'shared/http/audited.ts',
    from: 'await accept(exchange, facts, concludeFrom(error));',
    to: '',
    groups: policy,
  },
  {
    defence: 'no token is printed',
    file: 'shared/http/authenticate.ts',
    from: 'const token = isUsual(value) ? value.slice(usual.length) : bearer.exec(value)?.[1];',
    to: 'const token = isUsual(value) ? value.slice(usual.length) : bearer.exec(value)?.[1]; console.info(token);',
    groups: refusals,
  },
  {
    defence: 'an API that there is not looks like one that is not granted',
    file: 'shared/http/problems.ts',
    from: 'detail: detailByReason[error.reason] ?? detail,',
    to: 'detail: `${detail} (${error.reason})`,',
    groups: refusals,
  },
  {
    defence: 'who may read may not steer',
    file: 'shared/http/operator.ts',
    from: "(need === 'write' || !roles.includes(readRole))",
    to: '!roles.includes(readRole)',
    groups: admin,
  },
  {
    defence: 'a page of another site cannot steer',
    file: 'shared/http/operator.ts',
    from: "if (site !== 'same-origin')",
    to: "if (site === '')",
    groups: [...admin, ...foreign],
  },
  {
    defence: 'no form can write what steering reads',
    file: 'shared/http/body.ts',
    from: "if (type.trim().toLowerCase() !== 'application/json')",
    to: "if (type === '')",
    groups: admin,
  },
  {
    defence: 'a page of another site reads nothing in an operator’s name',
    file: 'shared/http/operator.ts',
    from: '(!ownSites.has(site) && !isOpened(headers))',
    to: "site === ''",
    groups: foreign,
  },
  {
    defence: 'nor by a socket',
    file: 'shared/http/operator.ts',
    from: "headers.has('sec-websocket-key')",
    to: "site === ''",
    groups: foreign,
  },
  {
    defence: 'no frame shows the dashboard',
    file: dashboard,
    from: `"frame-ancestors 'none'",`,
    to: '',
    groups: foreign,
  },
  {
    defence: 'no other site includes what the dashboard is made of',
    file: dashboard,
    from: "'Cross-Origin-Resource-Policy': 'same-origin'",
    to: "'Cross-Origin-Resource-Policy': 'cross-origin'",
    groups: foreign,
  },
  {
    defence: 'whoever opens the dashboard does not hold its window',
    file: dashboard,
    from: "'Cross-Origin-Opener-Policy': 'same-origin'",
    to: "'Cross-Origin-Opener-Policy': 'unsafe-none'",
    groups: page,
  },
  {
    defence: 'the dashboard runs its own scripts alone',
    file: dashboard,
    from: "script-src 'self'",
    to: "script-src 'self' 'unsafe-inline' http:",
    groups: page,
  },
  {
    defence: 'the dashboard has its own style alone',
    file: dashboard,
    from: "style-src 'self'",
    to: "style-src 'self' 'unsafe-inline' http:",
    groups: page,
  },
  {
    defence: 'the dashboard asks its own origin alone',
    file: dashboard,
    from: "connect-src 'self'",
    to: 'connect-src *',
    groups: page,
  },
  {
    defence: 'the dashboard shows its own pictures alone',
    file: dashboard,
    from: "img-src 'self'",
    to: 'img-src *',
    groups: page,
  },
  {
    defence: 'what the policy does not name is not loaded',
    file: dashboard,
    from: "default-src 'none'",
    to: 'default-src *',
    groups: page,
  },
  {
    defence: 'nothing works behind the dashboard',
    file: dashboard,
    from: `"worker-src 'none'",`,
    to: '',
    groups: page,
  },
  {
    defence: 'the dashboard’s addresses are its own',
    file: dashboard,
    from: `"base-uri 'none'",`,
    to: '',
    groups: page,
  },
  {
    defence: 'the dashboard sends no form',
    file: dashboard,
    from: `"form-action 'none'",`,
    to: '',
    groups: page,
  },
  {
    defence: 'no text becomes markup or script',
    file: dashboard,
    from: `"require-trusted-types-for 'script'",`,
    to: '',
    groups: page,
  },
  {
    defence: 'the platform’s word counts where the platform signs people in',
    file: 'shared/broker-operations.ts',
    from: 'const readOwn = settings.isSignInOn ?',
    to: 'const readOwn = settings ?',
    groups: headers,
  },
  {
    defence: 'a caller that is loud is told to wait',
    file: 'shared/callers/rate.ts',
    from: 'if (bucket.level < 1)',
    to: 'if (bucket.level < -1e9)',
    groups: floods,
  },
  {
    defence: 'one load runs, however many ask',
    file: 'shared/refreshing.ts',
    from: 'flight ??= fly()',
    to: 'flight = fly()',
    groups: floods,
  },
];
