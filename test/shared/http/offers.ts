import { createPolicy, type CallerEntry } from '../../../shared/callers/policy.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { HeaderSet, Requirement } from '../../../shared/credentials/header-set.ts';
import { BrokerError } from '../../../shared/errors.ts';
import type { Authenticate } from '../../../shared/http/authenticate.ts';
import type { Admission, Offer } from '../../../shared/http/asked.ts';
import { createHeadersRoute } from '../../../shared/http/headers.ts';
import type { SetIds } from '../../../shared/http/set-id.ts';
import type {
  ApiName,
  CallerName,
  ClientName,
  Fingerprint,
  ScopeName,
  SubscriptionName,
} from '../../../shared/names.ts';
import { Secret } from '../../../shared/secret.ts';
import type { AuditFacts } from '../../../shared/telemetry/audit.ts';
import { caller } from '../../support/caller-tokens.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { exchangeOf, signal } from './exchange.ts';

const [core, payments, secret] = ['core', 'payments', 'secret-api'] as [ApiName, ApiName, ApiName];
const subscription = 'okq8-core' as SubscriptionName;
const client = 'okq8' as ClientName;
export const needing = (scope: string): Requirement => ({
  subscription,
  token: { client, scope: scope as ScopeName },
});
const levels = new Map(['.default', 'get'].map((level) => [level, needing(level)]));

export const offers: ReadonlyMap<ApiName, Offer> = new Map([
  [core, { api: core, baseUrl: 'https://api.example/core', levels: new Map(), plain: { subscription } }],
  [payments, { api: payments, baseUrl: 'https://api.example/payments', levels, plain: needing('.default') }],
  [secret, { api: secret, baseUrl: 'https://api.example/secret', levels: new Map(), plain: { subscription } }],
]);

/** May have `core` and `payments`, and not `secret-api`. */
export const billing: CallerEntry = {
  ...caller,
  name: 'billing' as CallerName,
  apis: new Set([core, payments]),
  headers: true,
};
export const authenticateBilling: Authenticate = async () => billing;

export const keyValue = 'CANARY-key';
export const tokenValue = 'Bearer CANARY-token';

/** What is handed out for a requirement, the same each time. */
export function headerSetFor({ token }: Requirement): HeaderSet {
  const key = { name: 'Ocp-Apim-Subscription-Key', value: new Secret(keyValue) } as const;
  const bearer = { name: 'Authorization', value: new Secret(tokenValue) } as const;
  return {
    id: 'hs_keykeykeykey',
    headers: token ? [key, bearer] : [key],
    lifeMs: 299_999.5,
    key: 'keykeykeykey' as Fingerprint,
    token: token && ('tokentokento' as Fingerprint),
  };
}

/** What `billing` may have, decided as in the broker. */
export const admission: Admission = {
  authenticate: authenticateBilling,
  policy: createPolicy([billing], new Set(offers.keys())),
  offers,
};

/** Says in plain text for whom an id was sealed. */
export const setIds: SetIds = {
  seal: async (id, { caller: { name }, api, access }) => [id, name, api, access].join(' '),
  unseal: async (sealed, recipient, until) => {
    const [id = ''] = sealed.split(' ');
    if ((await setIds.seal(id, recipient, until)) !== sealed) throw new BrokerError('set-foreign');
    return id;
  },
};

/** `GET /v1/headers/{api}` for `billing`, with what was asked of the caches and noted for the audit. */
export function createHeadersFixture(clock: Clock = createManualClock()) {
  const issued: Requirement[] = [];
  const facts: AuditFacts = {};
  const route = createHeadersRoute({
    clock,
    ...admission,
    headerSets: {
      handOut: async (requirement) => {
        issued.push(requirement);
        return headerSetFor(requirement);
      },
      isCached: () => true,
    },
    setIds,
  });
  const ask = (api: string, query = '', headers: Record<string, string> = {}) => {
    const url = `https://broker.example/v1/headers/${encodeURIComponent(api)}${query}`;
    return route(exchangeOf({ url, headers, params: { api } }), facts, signal);
  };
  return { ask, issued, facts };
}

/** The JSON of a header set for `payments`, of `headerSetFor`, as `billing` is given it. */
export const paymentsAnswer = (access: string) => ({
  id: `hs_keykeykeykey billing payments ${access}`,
  api: 'payments',
  baseUrl: 'https://api.example/payments',
  headers: { 'Ocp-Apim-Subscription-Key': keyValue, Authorization: tokenValue },
  expiresOn: '2026-11-24T03:04:59.999Z',
  expiresIn: 299,
  refreshOn: '2026-11-24T03:02:29.999Z',
  refreshIn: 149,
});
