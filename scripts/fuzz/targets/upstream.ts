import { createArmAuthority } from '../../../shared/azure/arm-authority.ts';
import { createTokenIssuer } from '../../../shared/azure/entra.ts';
import { createPortal } from '../../../shared/azure/portal-authority.ts';
import { parseRetryAfter } from '../../../shared/azure/retry-after.ts';
import { createSigningKeySource } from '../../../shared/azure/signing-keys.ts';
import { createSigningKeys } from '../../../shared/callers/signing-keys.ts';
import { readCertificate } from '../../../shared/certificate.ts';
import { neverAborted } from '../../../shared/deadline.ts';
import { isHeaderValue } from '../../../shared/header-value.ts';
import { Secret } from '../../../shared/secret.ts';
import { caller, createSigner, expected } from '../../../test/support/caller-tokens.ts';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { readMessage, toHeaders, withAnswers } from '../message.ts';
import { expectThat, orRefusal, orRefused, type FuzzTarget } from '../target.ts';
import type { ClientName } from '../../../shared/names.ts';

const identity = { getToken: async () => ({ token: 'identity', expiresOnTimestamp: 8e15 }) };
const answer = (status: number, value: unknown, ...headers: string[]) =>
  `${[status, 'content-type: application/json', ...headers].join('\n')}\n\n${typeof value === 'string' ? value : JSON.stringify(value)}`;

const client = { name: 'okq8' as ClientName, tenantId: expected.tenantId, clientId: caller.clientId };
const stored = { secret: new Secret('CANARY0123456789'), version: '1', expiresOn: undefined };

/** What Entra answers a token request, through MSAL. */
export const tokenEndpoint: FuzzTarget = {
  name: 'token-endpoint',
  seeds: [
    answer(200, { token_type: 'Bearer', expires_in: 3_599, ext_expires_in: 3_599, access_token: 'CANARY0123.e30.x' }),
    answer(401, { error: 'invalid_client', error_description: 'AADSTS7000215: CANARY0123', error_codes: [7_000_215] }),
    answer(429, '', 'retry-after: 120'),
    answer(503, '<html>CANARY0123</html>', 'retry-after: Tue, 24 Nov 2026 03:00:30 GMT'),
  ],
  attempt: async (input) => {
    const clock = createManualClock();
    const issuer = createTokenIssuer(clock, identity, { authorityHost: 'https://login.example' });
    const acquired = await withAnswers([input], () =>
      orRefused(issuer.acquire(client, stored, 'api://x/.default', neverAborted)),
    );
    if (!acquired) return;
    expectThat(Number.isFinite(acquired.lifeMs), 'a token has a life that ends');
    expectThat(acquired.token.open() !== '', 'a token is a text');
  },
};

const [good, other] = [createSigner('ours'), createSigner('other')];

export const jwks: FuzzTarget = {
  name: 'jwks',
  seeds: [
    answer(200, {
      keys: [{ kid: 'ours', kty: 'RSA', use: 'sig', n: 'x'.repeat(342), e: 'AQAB', issuer: expected.issuer }],
    }),
    answer(200, { keys: [{ ...other.jwk, kid: 'third', alg: 'RS256' }] }),
    answer(200, { keys: [] }),
    answer(503, '', 'retry-after: 5'),
  ],
  attempt: async (input) => {
    const clock = createManualClock();
    const failures: unknown[] = [];
    const source = createSigningKeySource(clock, { authorityHost: 'https://login.example', tenantId: 'tenant' });
    const options = { issuer: expected, upstreamTimeoutMs: () => 1_000, onFailure: (e: unknown) => failures.push(e) };
    const keys = createSigningKeys({ clock, source }, options);
    await withAnswers([withGoodKey(input)], async () => {
      const found = await orRefused(keys.find('ours', neverAborted));
      if (isList(input)) expectThat(found !== undefined, 'a bad key takes no good one with it');
    });
  },
};

/** The same with a good key in its list, where there is one. */
function withGoodKey(input: string): string {
  const { body } = readMessage(input);
  const members = toMembers(body);
  if (!Array.isArray(members['keys'])) return input;
  return answer(200, { ...members, keys: [...members['keys'], other.jwk, good.jwk] });
}

function isList(input: string): boolean {
  return Array.isArray(toMembers(readMessage(input).body)['keys']);
}

function toMembers(text: string): Record<string, unknown> {
  try {
    return { ...Object(JSON.parse(text)) };
  } catch {
    return {};
  }
}

/** Azure Resource Manager, listing, telling and regenerating keys. */
export const resourceManager: FuzzTarget = {
  name: 'resource-manager',
  seeds: [
    answer(200, { primaryKey: 'CANARY0123a', secondaryKey: 'CANARY0123b' }),
    answer(200, { properties: { state: 'active', scope: '/x/products/starter' } }),
    answer(409, { error: { code: 'Conflict', message: 'CANARY0123' } }, 'retry-after: 7'),
  ],
  attempt: (input) =>
    withAnswers([input], async () => {
      const clock = createManualClock();
      const options = { resourceManagerUrl: 'https://arm.example', resourceId: '/a/b', upstreamTimeoutMs: 1_000 };
      const authority = createArmAuthority(clock, identity, options);
      const keys = await orRefused(authority.list(neverAborted));
      await orRefused(authority.describe(neverAborted));
      await authority.regenerate('primary', neverAborted, () => true);
      if (!keys) return;
      const [primary, secondary] = [keys.primary.open(), keys.secondary.open()];
      expectThat(isHeaderValue(primary) && isHeaderValue(secondary), 'a key can be sent as it is');
      expectThat(primary !== secondary, 'the keys are two');
    }),
};

const signedIn = answer(200, { id: 'user' }, 'ocp-apim-sas-token: token="user&202611242300&CANARY0123",refresh="true"');
const entry = { id: '5f3c', state: 'active', primaryKey: 'CANARY0123a', secondaryKey: 'CANARY0123b' };

/** A developer portal: the sign-in, and from a line of its own on, the list of subscriptions. */
export const portal: FuzzTarget = {
  name: 'portal',
  seeds: [
    `${signedIn}\n----\n${answer(200, { value: [entry] })}`,
    `${signedIn}\n----\n${answer(200, { value: [], nextLink: '/data/users/user/subscriptions?$skip=1' })}`,
    `${signedIn}\n----\n${answer(401, '')}`,
  ],
  attempt: (input) =>
    withAnswers(input.split('\n----\n'), async () => {
      const clock = createManualClock();
      const credentials = { email: 'a@example.com', password: async () => new Secret('CANARY0123') };
      const options = {
        url: 'https://portal.example/data',
        credentials,
        upstreamTimeoutMs: 1_000,
        onFailure: () => {},
      };
      const authority = createPortal(clock, options).authorityOf('5f3c');
      const keys = await orRefused(authority.list(neverAborted));
      await authority.regenerate('secondary', neverAborted, () => true);
      if (keys) expectThat(isHeaderValue(keys.primary.open()), 'a key can be sent as it is');
    }),
};

export const retryAfter: FuzzTarget = {
  name: 'retry-after',
  seeds: ['120', 'Tue, 24 Nov 2026 03:00:30 GMT', ' 1 ', '-1', ''],
  attempt: (input) => {
    const value = toHeaders([['retry-after', input]]).get('retry-after');
    const ms = parseRetryAfter(value, createManualClock().wall());
    expectThat(ms === undefined || (ms >= 0 && ms <= 60_000), 'it is at most a minute');
  },
};

const pem = (label: string, text: string) => `-----BEGIN ${label}-----\n${text}\n-----END ${label}-----\n`;

export const certificate: FuzzTarget = {
  name: 'certificate',
  seeds: [pem('PRIVATE KEY', 'CANARY0123') + pem('CERTIFICATE', 'MIIB'), 'MIIB', pem('RSA PRIVATE KEY', 'MIIE')],
  attempt: (input) => {
    const read = orRefusal(() => readCertificate(new Secret(input)));
    if (read) expectThat(/^[0-9a-f]{64}$/.test(read.thumbprint), 'a certificate has a thumbprint');
  },
};
