import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { clients, tenants } from '../../local/sample.ts';
import { createDoctor } from '../../shared/broker-doctor.ts';
import type { ApiConfig, AuthorityConfig, Config, SubscriptionConfig } from '../../shared/config/config.ts';
import { loadConfig, type Loaded } from '../../shared/config/load.ts';
import type { Cause } from '../../shared/doctor/causes.ts';
import type { Check, Finding } from '../../shared/doctor/finding.ts';
import type { AccessLevel, Guid, SecretName, SubscriptionName } from '../../shared/names.ts';
import { startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';
import { createRecordTampering, type RecordTampering } from '../support/record-tampering.ts';

/**
 * Each fault is planted in the stack, or in the configuration, as it would come about; the doctor must name its cause for whom it concerns, and
 * blame nothing else.
 */

let on: BrokerOnStack;
let loaded: Loaded;
let records: RecordTampering;
beforeAll(async () => {
  on = await startBrokerOnStack({ storage: true });
  loaded = loadConfig(on.stack.settings);
  records = createRecordTampering(on.stack.settings);
  // So that there are records.
  await on.tick();
});
afterAll(() => on.close());

const nobody = '11111111-2222-4333-8444-555555555555' as Guid;
const post = (path: string, body: object) => () => on.steer(path, 'POST', body);
const fault = (body: object) => post('/faults', body);

const withApi = (name: string, change: Partial<ApiConfig>) => (config: Config) => ({
  ...config,
  apis: config.apis.map((api) => (api.name === name ? { ...api, ...change } : api)),
});
const withScope = (scope: string, level = '.default') =>
  withApi('payments', { oauth: { client: clientOf('okq8'), scope, accessLevels: [level as AccessLevel] } });
const clientOf = (name: string) => name as NonNullable<ApiConfig['oauth']>['client'];
const withSubscription = (name: string, change: Partial<SubscriptionConfig>) => (config: Config) => ({
  ...config,
  subscriptions: config.subscriptions.map((one) => (one.name === name ? { ...one, ...change } : one)),
});
const withClient = (change: Partial<Config['clients'][number]>) => (config: Config) => ({
  ...config,
  clients: config.clients.map((client) => (client.name === 'okq8' ? { ...client, ...change } : client)),
});
const withPortal = (change: object) => (config: Config) =>
  withSubscription('okq8-core', { authority: { ...portal(), ...change } })(config);
const portal = (): AuthorityConfig => ({
  kind: 'developer-portal',
  url: on.stack.ready().portal,
  email: 'token-broker@example.com',
  password: 'portal-password' as SecretName,
  subscription: 'okq8-core',
});

/** The client secret as it is at Entra, with the vault left behind or brought along. */
const secretAtEntra = (secret: object) => post('/entra', { secret: { client: 'okq8', ...secret } });
const secretInVault = (value: string) => post(`/vault/${clients['okq8']?.secretName}`, { value });
const bothAgree = async () => {
  await secretAtEntra({ value: 'CANARY0agreed' })();
  await secretInVault('CANARY0agreed')();
};
const inOrder =
  (...steps: (() => Promise<unknown>)[]) =>
  async () => {
    for (const step of steps) await step();
  };
const restoreKey = async () => {
  const { primary } = on.stack.apiManagement.keys('okq8-core') ?? {};
  await post('/vault/okq8-core', { value: primary })();
};

type Named = readonly [check: Check, subject: string | (() => string), cause: Cause];
type Row = {
  readonly name: string;
  readonly plant?: () => Promise<unknown>;
  readonly mend?: () => Promise<unknown>;
  readonly config?: (config: Config) => Config;
  readonly settings?: Partial<Loaded['settings']>;
  readonly faults?: readonly Named[];
  readonly warnings?: readonly Named[];
};

const rows: readonly Row[] = [
  { name: 'nothing' },
  {
    name: 'a client secret that Entra does not know',
    plant: secretAtEntra({ value: 'CANARY0other' }),
    mend: () => bothAgree(),
    faults: [['client', 'okq8', 'wrong-secret']],
  },
  {
    name: 'a client secret that has expired',
    plant: inOrder(secretAtEntra({ value: 'CANARY0old', expires: '0s' }), secretInVault('CANARY0old')),
    mend: () => bothAgree(),
    faults: [['client', 'okq8', 'expired-secret']],
  },
  {
    name: 'a scope whose API the tenant does not have',
    config: withScope('api://apim-nobody-api'),
    faults: [['token', 'api://apim-nobody-api/.default', 'wrong-scope']],
  },
  {
    name: 'an access level that Entra does not issue tokens for',
    config: withScope('api://apim-okq8-payments-api', 'get'),
    faults: [['token', 'api://apim-okq8-payments-api/get', 'wrong-scope']],
  },
  {
    name: 'the scope of another API',
    config: withScope('api://apim-okq8-invoices-api'),
    faults: [['api', 'payments', 'wrong-audience']],
  },
  {
    name: 'a tenant that does not exist',
    config: withClient({ tenantId: nobody }),
    faults: [['client', 'okq8', 'unknown-tenant']],
  },
  {
    name: 'the tenant of the callers that does not exist',
    config: (config) => ({ ...config, broker: { ...config.broker, tenantId: nobody } }),
    faults: [['entra', 'broker.tenantId', 'unknown-tenant']],
  },
  {
    name: 'a client that the tenant does not know',
    config: withClient({ clientId: nobody }),
    faults: [['client', 'okq8', 'unknown-client']],
  },
  {
    name: 'Entra down',
    plant: fault({ target: 'entra', status: 503 }),
    faults: [['entra', 'broker.tenantId', 'entra-unavailable']],
  },
  {
    name: 'a token endpoint that throttles one tenant',
    plant: fault({ target: 'entra', path: `/${tenants.partner}/oauth2/*`, status: 429 }),
    faults: [['client', 'partner', 'entra-unavailable']],
  },
  {
    name: 'a proxy that answers in Entra’s place',
    plant: fault({ target: 'entra', path: `/${tenants.partner}/oauth2/*`, status: 200, body: '<html>' }),
    faults: [['token', 'api://apim-partner-loyalty-api/.default', 'malformed-token']],
  },
  {
    name: 'the services’ clock ten minutes behind',
    plant: post('/clock', { behind: '10m' }),
    mend: post('/clock', { behind: '0s' }),
    faults: [['clock', 'this machine’s clock', 'clock-skew']],
  },
  {
    name: 'the services’ clock four minutes ahead',
    plant: post('/clock', { ahead: '4m' }),
    mend: post('/clock', { ahead: '0s' }),
    warnings: [['clock', 'this machine’s clock', 'clock-skew']],
  },
  {
    name: 'an identity that the app does not have',
    settings: { identityClientId: nobody },
    faults: [['identity', 'managed identity', 'identity-refused']],
  },
  {
    name: 'a vault that forbids',
    plant: fault({ target: 'vault', status: 403 }),
    faults: [['key-vault', 'KEY_VAULT_URL', 'vault-forbidden']],
  },
  {
    name: 'a vault that is down',
    plant: fault({ target: 'vault', reset: true }),
    faults: [['key-vault', 'KEY_VAULT_URL', 'vault-unavailable']],
  },
  {
    name: 'one secret that is forbidden',
    plant: fault({ target: 'vault', path: '/secrets/partner-client-secret/*', status: 403 }),
    faults: [['secret', 'partner-client-secret', 'vault-forbidden']],
  },
  {
    name: 'a client secret that is missing',
    plant: post('/vault/okq8-client-secret', { delete: true }),
    mend: post('/vault/okq8-client-secret', { recover: true }),
    faults: [['secret', 'okq8-client-secret', 'missing-secret']],
  },
  {
    name: 'a key that is missing',
    plant: post('/vault/okq8-core', { delete: true }),
    mend: post('/vault/okq8-core', { recover: true }),
    faults: [['secret', 'okq8-core', 'missing-secret']],
  },
  {
    name: 'an empty vault',
    plant: fault({ target: 'vault', path: '/secrets/*/*', status: 404 }),
    faults: [
      'token-broker-fingerprint-key',
      'okq8-client-secret',
      'partner-client-secret',
      'okq8-core',
      'okq8-payments',
      'partner-loyalty',
    ].map((name) => ['secret', name, 'missing-secret']),
  },
  {
    name: 'a secret whose newest version is disabled',
    plant: post('/vault/okq8-core', { enabled: false }),
    mend: post('/vault/okq8-core', { enabled: true }),
    faults: [['secret', 'okq8-core', 'disabled-secret']],
  },
  {
    name: 'a key that was stored with a line break',
    plant: post('/vault/okq8-core', { value: 'CANARY0\n' }),
    mend: () => restoreKey(),
    faults: [['secret', 'okq8-core', 'malformed-secret']],
  },
  {
    name: 'a client secret that ends in five days',
    plant: post('/vault/okq8-client-secret', { expires: '5d' }),
    mend: post('/vault/okq8-client-secret', { expires: '400d' }),
    warnings: [['secret', 'okq8-client-secret', 'secret-expires-soon']],
  },
  {
    name: 'a gateway that does not answer',
    plant: fault({ target: 'gateway', instance: 1, reset: true }),
    faults: [['gateway', () => on.stack.ready().gateways[1] ?? '', 'gateway-unavailable']],
  },
  {
    name: 'a gateway behind a proxy that says 503',
    plant: fault({ target: 'gateway', instance: 1, status: 503 }),
    faults: [['gateway', () => on.stack.ready().gateways[1] ?? '', 'gateway-unavailable']],
  },
  {
    name: 'Azure Resource Manager that forbids',
    plant: fault({ target: 'management', path: '*/subscriptions/okq8-core*', status: 403 }),
    faults: [['subscription', 'okq8-core', 'authority-forbidden']],
  },
  {
    name: 'Azure Resource Manager that is down',
    plant: fault({ target: 'management', path: '*/subscriptions/okq8-core*', status: 503 }),
    faults: [['subscription', 'okq8-core', 'authority-unavailable']],
  },
  {
    name: 'a subscription that the service does not have',
    config: (config) =>
      withSubscription('okq8-core', {
        authority: { kind: 'arm', resourceId: resourceIdIn(config).replace('okq8-core', 'okq8-cor') },
      })(config),
    faults: [['subscription', 'okq8-core', 'unknown-subscription']],
  },
  {
    name: 'a suspended subscription',
    plant: post('/gateway', { subscription: 'okq8-payments', state: 'suspended' }),
    mend: post('/gateway', { subscription: 'okq8-payments', state: 'active' }),
    faults: [['subscription', 'okq8-payments', 'suspended-subscription']],
  },
  {
    name: 'a subscription that was cancelled',
    plant: post('/gateway', { subscription: 'okq8-payments', state: 'cancelled' }),
    mend: post('/gateway', { subscription: 'okq8-payments', state: 'active' }),
    faults: [['subscription', 'okq8-payments', 'inactive-subscription']],
  },
  {
    name: 'a suspended subscription whose state nobody may read',
    plant: inOrder(
      post('/gateway', { subscription: 'okq8-core', state: 'suspended' }),
      fault({ target: 'management', method: 'GET', status: 403 }),
    ),
    mend: post('/gateway', { subscription: 'okq8-core', state: 'active' }),
    faults: [['key', 'okq8-core', 'suspended-subscription']],
  },
  {
    name: 'a subscription of a developer portal',
    config: (config) => withPortal({})(config),
  },
  {
    name: 'a suspended subscription of a developer portal',
    config: (config) => withPortal({})(config),
    plant: post('/gateway', { subscription: 'okq8-core', state: 'suspended' }),
    mend: post('/gateway', { subscription: 'okq8-core', state: 'active' }),
    faults: [['subscription', 'okq8-core', 'suspended-subscription']],
  },
  {
    name: 'a user whom the developer portal does not let in',
    config: (config) => withPortal({ email: 'nobody@example.com' })(config),
    faults: [['subscription', 'okq8-core', 'authority-forbidden']],
  },
  {
    name: 'the subscription of another product',
    config: withApi('core', { subscription: 'okq8-payments' as SubscriptionName }),
    faults: [['api', 'core', 'wrong-product']],
  },
  {
    name: 'a key that somebody else has regenerated',
    plant: post('/management/okq8-core', { regenerate: 'primary' }),
    mend: post('/management/okq8-core', { restore: true }),
    faults: [['subscription', 'okq8-core', 'key-changed-outside']],
  },
  {
    name: 'a key that is none of the subscription’s',
    plant: post('/vault/okq8-core', { value: 'CANARY0wrong' }),
    mend: () => restoreKey(),
    faults: [['subscription', 'okq8-core', 'key-changed-outside']],
  },
  {
    name: 'a gateway that has not heard of a regenerated key',
    plant: inOrder(
      post('/gateway', { subscription: 'okq8-core', instance: 1, offline: true }),
      post('/management/okq8-core', { regenerate: 'secondary' }),
    ),
    mend: inOrder(
      post('/management/okq8-core', { restore: true }),
      post('/gateway', { subscription: 'okq8-core', instance: 1, offline: false }),
    ),
    faults: [['key', 'okq8-core', 'gateway-lagging']],
  },
  {
    name: 'a gateway that still holds a subscription for suspended',
    plant: post('/gateway', { subscription: 'okq8-core', instance: 1, state: 'suspended' }),
    mend: post('/gateway', { subscription: 'okq8-core', instance: 1, state: 'active' }),
    faults: [['key', 'okq8-core', 'gateway-lagging']],
  },
  {
    name: 'a key that every gateway refuses, of a subscription whose keys a person regenerates',
    config: withSubscription('okq8-core', { authority: { kind: 'manual' } }),
    plant: post('/management/okq8-core', { regenerate: 'primary' }),
    mend: post('/management/okq8-core', { restore: true }),
    faults: [['key', 'okq8-core', 'key-refused']],
  },
  {
    name: 'a quota that is exhausted',
    plant: post('/gateway', { subscription: 'okq8-core', quota: 0 }),
    mend: post('/gateway', { subscription: 'okq8-core', quota: null }),
    faults: [['key', 'okq8-core', 'quota-exhausted']],
  },
  {
    name: 'a quota of API Management’s policy, which says 403',
    plant: fault({
      target: 'gateway',
      path: '/loyalty/*',
      status: 403,
      body: { statusCode: 403, message: 'Out of call volume quota. Quota will be replenished in 01:02:03.' },
    }),
    faults: [['key', 'partner-loyalty', 'quota-exhausted']],
  },
  {
    name: 'a probe without an operation',
    config: (config) =>
      withSubscription('okq8-core', {
        probe: { url: 'https://anywhere.example/nowhere', gateways: on.stack.ready().gateways },
      })(config),
    faults: [['key', 'okq8-core', 'wrong-path']],
  },
  {
    name: 'an API that takes a token, configured without',
    config: withApi('payments', { oauth: undefined }),
    faults: [['api', 'payments', 'missing-header']],
  },
  {
    name: 'a proxy that takes the key away',
    plant: fault({
      target: 'gateway',
      path: '/invoices*',
      status: 401,
      body: { statusCode: 401, message: 'Access denied due to missing subscription key.' },
    }),
    faults: [['api', 'invoices', 'missing-header']],
  },
  {
    name: 'an API whose backend fails',
    plant: fault({ target: 'gateway', path: '/invoices*', status: 502 }),
    faults: [['api', 'invoices', 'api-unavailable']],
  },
  {
    name: 'an API that refuses in words of its own',
    plant: fault({ target: 'gateway', path: '/invoices*', status: 401, body: '<h1>CANARY0 says no</h1>' }),
    faults: [['api', 'invoices', 'api-refused']],
  },
  {
    name: 'storage down',
    plant: fault({ target: 'storage', status: 503 }),
    faults: [['storage', 'TABLE_SERVICE_URL', 'storage-unavailable']],
  },
  {
    name: 'storage that is not there',
    settings: { tableServiceUrl: 'https://127.0.0.1:1/devstoreaccount1' },
    faults: [['storage', 'TABLE_SERVICE_URL', 'storage-unavailable']],
  },
  {
    name: 'storage that forbids',
    plant: fault({
      target: 'storage',
      status: 403,
      body: {
        'odata.error': { code: 'AuthorizationPermissionMismatch', message: { lang: 'en-US', value: 'CANARY0' } },
      },
    }),
    faults: [['storage', 'TABLE_SERVICE_URL', 'storage-forbidden']],
  },
  {
    name: 'a record that cannot be read',
    plant: () => records.spoil('okq8-core'),
    mend: () => records.mend('okq8-core'),
    faults: [['rotation', 'okq8-core', 'record-corrupt']],
  },
  {
    name: 'a record that is gone',
    plant: inOrder(post('/vault/okq8-core', { tags: { generation: '4', slot: 'primary' } }), () =>
      records.remove('okq8-core'),
    ),
    mend: inOrder(() => records.mend('okq8-core'), post('/vault/okq8-core', { tags: {} })),
    warnings: [['rotation', 'okq8-core', 'record-missing']],
  },
  {
    name: 'a rotation that is paused',
    config: (config) => withSubscription('okq8-core', { rotation: { ...rotationIn(config), paused: true } })(config),
    warnings: [['rotation', 'okq8-core', 'rotation-paused']],
  },
  {
    name: 'a promise that nobody has extended',
    plant: post('/vault/okq8-core', { tags: { generation: '1', safeUntil: '2020-01-01T00:00:00.000Z' } }),
    mend: post('/vault/okq8-core', { tags: {} }),
    warnings: [['rotation', 'okq8-core', 'promise-ended']],
  },
];

const resourceIdIn = ({ subscriptions }: Config) => {
  const authority = subscriptions.find(({ name }) => name === 'okq8-core')?.authority;
  return authority?.kind === 'arm' ? authority.resourceId : '';
};
const rotationIn = ({ subscriptions: [first] }: Config) => {
  if (!first?.rotation) throw new TypeError('The sample rotates its first subscription.');
  return first.rotation;
};

async function examine({ config = (same) => same, settings = {} }: Pick<Row, 'config' | 'settings'>) {
  const changed = { config: config(loaded.config), settings: { ...loaded.settings, ...settings } };
  return createDoctor(changed, on.clock).examine(new AbortController().signal);
}

const named = (findings: readonly Finding[], verdict: Finding['verdict']) =>
  findings.filter((one) => one.verdict === verdict).map(({ check, subject, cause }) => [check, subject, cause]);
const expected = (list: readonly Named[] = []) =>
  list.map(([check, subject, cause]) => [check, typeof subject === 'string' ? subject : subject(), cause]);

test.each(rows)(
  'names the cause and blames nothing else: $name',
  async ({ plant, mend, faults, warnings, ...change }) => {
    await plant?.();
    const findings = await examine(change);
    await on.steer('/faults', 'DELETE');
    await mend?.();
    expect({ faults: named(findings, 'fault'), warnings: named(findings, 'warning') }).toEqual({
      faults: expected(faults),
      warnings: expected(warnings),
    });
    const unexplained = findings.filter(({ cause, detail, remedy }) => cause !== null && !(detail && remedy));
    expect(unexplained).toEqual([]);
    expect(JSON.stringify(findings)).not.toMatch(/CANARY|eyJ/);
  },
);

test('the table has at least the faults that the team must be told of', () => {
  const planted = new Set(rows.flatMap(({ faults = [] }) => faults.map(([, , cause]) => cause)));
  const wanted: readonly Cause[] = [
    'wrong-secret',
    'expired-secret',
    'wrong-scope',
    'wrong-audience',
    'suspended-subscription',
    'wrong-product',
    'key-changed-outside',
    'gateway-lagging',
    'vault-forbidden',
    'missing-secret',
    'clock-skew',
    'unknown-tenant',
    'quota-exhausted',
    'record-corrupt',
    'storage-unavailable',
  ];
  expect(wanted.filter((cause) => !planted.has(cause))).toEqual([]);
});

test('only reads', async () => {
  await on.steer('/requests', 'DELETE');
  await examine({});
  const writes = (await on.counts()).filter(
    ({ method, path }) => method !== 'GET' && !/\/(listSecrets|oauth2\/v2\.0\/token)$/.test(path),
  );
  expect(writes).toEqual([]);
});
