import { HttpRequest, InvocationContext } from '@azure/functions';
import { createPolicy } from '../../../shared/callers/policy.ts';
import { createRateLimiter } from '../../../shared/callers/rate.ts';
import { createSigningKeys } from '../../../shared/callers/signing-keys.ts';
import { createTokenVerifier } from '../../../shared/callers/verify.ts';
import { readPrincipal } from '../../../shared/callers/operator-principal.ts';
import { jsonAnswer } from '../../../shared/http/answer.ts';
import { readAuditQuery } from '../../../shared/http/audit-query.ts';
import { createAuthenticate } from '../../../shared/http/authenticate.ts';
import { readBody } from '../../../shared/http/body.ts';
import { createCallDecision } from '../../../shared/http/call.ts';
import { rejectionRequest } from '../../../shared/http/contract/headers.ts';
import { steeringRequest } from '../../../shared/http/contract/rotation.ts';
import { createHeadersRoute } from '../../../shared/http/headers.ts';
import { readIdempotencyKey } from '../../../shared/http/idempotency-key.ts';
import { chooseProblemType } from '../../../shared/http/problem-type.ts';
import { serve, type Route } from '../../../shared/http/serve.ts';
import { readSidecarOptions } from '../../../shared/http/sidecar-options.ts';
import { traceHeaders, withTrace } from '../../../shared/trace-context.ts';
import { billing, keyValue, offers, tokenValue } from '../../../test/shared/http/offers.ts';
import { caller, claimsAt, createSigner, expected } from '../../../test/support/caller-tokens.ts';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { Secret } from '../../../shared/secret.ts';
import type { Fingerprint } from '../../../shared/names.ts';
import { readMessage, toHeaders, type Message } from '../message.ts';
import { expectThat, orRefusal, type FuzzTarget } from '../target.ts';

const clock = createManualClock();
const signer = createSigner('ours');
const goodToken = signer.forge({ alg: 'RS256', typ: 'JWT', kid: 'ours' }, claimsAt(clock.wall()));

/** The routes that read most of a request, over ports in memory. */
function createRoutes(): ReadonlyMap<string, Route> {
  const source = { fetch: async () => [signer.jwk] };
  const keyOptions = { issuer: expected, upstreamTimeoutMs: () => 1_000, onFailure: () => {} };
  const verifier = createTokenVerifier({ clock, keys: createSigningKeys({ clock, source }, keyOptions) }, expected);
  const policy = createPolicy([billing], new Set(offers.keys()));
  const limiter = createRateLimiter(clock, new Map([[billing.name, { perSecond: 1e6, burst: 1e6 }]]));
  const fingerprint = 'keykeykeykey' as Fingerprint;
  const headers = [
    { name: 'Ocp-Apim-Subscription-Key', value: new Secret(keyValue) },
    { name: 'Authorization', value: new Secret(tokenValue) },
  ] as const;
  const set = { id: 'hs_keykeykeykey', headers, lifeMs: 300_000, key: fingerprint, token: fingerprint };
  const dependencies = {
    clock,
    authenticate: createAuthenticate({ verifier, policy, limiter }),
    policy,
    offers,
    headerSets: { handOut: async () => set, isCached: () => true },
    setIds: { seal: async (id: string) => id, unseal: async (id: string) => id },
    places: { enter: () => {}, leave: () => {} },
    mayCall: () => true,
  };
  const [hand, decide] = [createHeadersRoute(dependencies), createCallDecision(dependencies)];
  return new Map<string, Route>([
    ['headers', (exchange, signal) => hand(exchange, {}, signal)],
    ['call', async (exchange, signal) => describeCall((await decide(exchange, {}, signal)).call.url)],
    ['sidecar', async ({ request }) => jsonAnswer(await readSidecarOptions(request))],
    ['audit', async ({ request }) => jsonAnswer(readAuditQuery(request.url, clock.wall()))],
    [
      'report',
      async ({ request }) => jsonAnswer(await readBody(request, rejectionRequest, 32_768, 'report-malformed')),
    ],
    ['steer', async ({ request }) => steer(request)],
  ]);
}

function describeCall({ href, origin, username, pathname }: URL) {
  expectThat(origin === 'https://api.example' && username === '', 'a call goes to its own API');
  expectThat(/^\/(core|payments|secret)(\/|$)/.test(pathname), 'a call stays below its base URL');
  return jsonAnswer({ length: href.length });
}

async function steer(request: HttpRequest) {
  const key = readIdempotencyKey(request);
  const { reason } = await readBody(request, steeringRequest, 4_096);
  return jsonAnswer({ key: key.length, reason: reason.length });
}

const handlers = new Map(
  Array.from(createRoutes(), ([name, route]) => [
    name,
    serve({ clock, requestTimeoutMs: 6_000, problemType: chooseProblemType }, ['GET', 'POST'], route),
  ]),
);

const seed = (first: string, headers: readonly string[], body = '') => `${[first, ...headers].join('\n')}\n\n${body}`;
const authorized = 'authorization: Bearer TOKEN';
const json = 'content-type: application/json';

/** A request to a route, its first line the route's name, method and target. The word TOKEN stands for a good token. */
export const request: FuzzTarget = {
  name: 'request',
  seeds: [
    seed('headers GET /v1/headers/payments?access=get', [authorized, 'accept: text/plain;q=0.5, */*;q=0.1']),
    seed('headers GET /v1/headers/core', [authorized, 'traceparent: 00-0123']),
    seed('headers GET /v1/headers/secret-api', ['authorization: Bearer CANARY0123456789']),
    seed('call GET /v1/call/core/a/b%20c?x=1&subscription-key=CANARY0123', [authorized]),
    seed('call POST /v1/call/payments/a;b/%252e', [authorized, 'connection: x-a', 'x-a: 1'], 'text'),
    seed('sidecar GET /x?optionsOverride.AcquireTokenOptions.ForceRefresh=true', []),
    seed('sidecar POST /x', [json], '{"AcquireTokenOptions":{"ForceRefresh":true,"Tenant":null}}'),
    seed('audit GET /v1/audit?caller=billing&since=24h&until=2026-11-24T02:00:00%2B01:00&limit=9', []),
    seed('report POST /v1/rejections', [json], '{"id":"hs_a","status":401,"body":"CANARY0123"}'),
    seed('steer POST /v1/rotations/a/start', [json, 'idempotency-key: k:1'], '{"reason":"because","confirm":"a"}'),
  ],
  attempt: async (input) => {
    const { first, headers, body } = readMessage(input);
    const [route = '', method = '', target = ''] = first.split(' ');
    const handler = handlers.get(route);
    const sent = toRequest(method, target, headers, body);
    if (!handler || !sent) return;
    const lines: string[] = [];
    const answer = await handler(sent, invocation(lines));
    expectThat(answer.status < 500, `it is answered with ${answer.status}: ${lines.join(' ')}`);
    expectThat(answer.headers['Cache-Control'] === 'no-store', 'no answer is kept');
    if (answer.status === 200) return;
    const problem: unknown = JSON.parse(answer.body);
    expectThat(Object(problem).status === answer.status, 'a refusal is a problem document');
    expectThat(!`${answer.body}${lines.join('')}`.includes('CANARY'), 'nothing of a request is told');
  },
};

function toRequest(method: string, target: string, headers: Message['headers'], body: string): HttpRequest | undefined {
  if (!/^[A-Z]{1,10}$/.test(method) || !target.startsWith('/') || !URL.canParse(`https://broker.example${target}`))
    return undefined;
  const given = toHeaders(headers.map(([name, value]) => [name, value.replace('TOKEN', goodToken)]));
  const hasBody = method !== 'GET' && method !== 'HEAD' && body !== '';
  try {
    return new HttpRequest({
      method,
      url: `https://broker.example${target}`,
      headers: Object.fromEntries(given),
      params: { api: decode(target.split(/[?#]/)[0]?.split('/')[3] ?? '') },
      ...(hasBody ? { body: { bytes: Buffer.from(body) } } : {}),
    });
  } catch {
    // What the host's own library does not take never gets to us.
    return undefined;
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function invocation(lines: string[]): InvocationContext {
  return new InvocationContext({
    invocationId: '5c0d3f5e-7c1b-4a57-9d27-0f2b1a0f9c11',
    functionName: 'fuzz',
    logHandler: (_level, ...texts) => void lines.push(texts.join(' ')),
  });
}

const person = { typ: 'oid', val: caller.objectId };
const principalSeed = { auth_typ: 'aad', claims: [{ typ: 'tid', val: expected.tenantId }, person] };

/** `X-MS-CLIENT-PRINCIPAL`: JSON, which is encoded here, or the header as it is. */
export const principal: FuzzTarget = {
  name: 'principal',
  seeds: [JSON.stringify(principalSeed), 'e30=', ''],
  attempt: (input) => {
    for (const header of [input, Buffer.from(input).toString('base64')]) {
      const read = orRefusal(() => readPrincipal(header, expected.tenantId));
      if (read)
        expectThat(
          read.roles.every((role) => typeof role === 'string'),
          'roles are texts',
        );
    }
  },
};

/** Trace Context: `traceparent` in the first line, `tracestate` in the second. */
export const trace: FuzzTarget = {
  name: 'trace',
  seeds: [`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01\na=b,c@d=e`, ''],
  attempt: (input) => {
    const [traceParent, traceState] = input.split('\n');
    const headers = withTrace({ traceParent, traceState }, traceHeaders);
    // Throws for a value that cannot be sent.
    expectThat(Array.from(new Headers(headers)).length <= 2, 'a trace is carried in two headers');
  },
};
