/**
 * The sample deployment: who exists, what they may have, and where. Constants alone, no secrets: those are invented at each start.
 *
 * Entra's registrations, Key Vault's content, API Management's products and `broker.config.json` are all built from these, so that they agree.
 */

export const tenants = {
  /** Where the broker and its callers live. */
  broker: 'dd678e43-6018-482d-b0e6-ae9c7931c05c',
  /** As OKQ8's page on API authentication names it. */
  okq8: 'a53d724c-15ea-4469-a987-82a5b30ec167',
  partner: '9b70f8ee-3d9c-4348-a924-f70f50b0c732',
} as const;

/** The broker's registration, for which callers get their tokens: in v2 tokens its client id is the audience. */
export const audience = '722f6da4-caac-48a7-926c-bf5c829eedae';

/** The application ID URI of the same registration, by which a scope may name it. */
export const audienceUri = 'api://token-broker';

/** An app registration or managed identity: its application and its service principal. */
export type Principal = { clientId: string; objectId: string };

/** The managed identity of the broker's Functions app. */
export const brokerIdentity: Principal = {
  clientId: '227f87ca-c7b9-41ba-a09f-9785d582083b',
  objectId: '9b012c25-d473-4b1b-86e6-29dceea27a1b',
};

/** An app role of the broker's registration. */
export type Role = 'Headers.Read' | 'Operations.Read' | 'Operations.Write';

/** Whoever can be given a token for the broker. One without `apis` is known to Entra, and named nowhere in the config. */
export type Caller = Principal & { roles: readonly Role[]; apis?: readonly string[]; call?: true };

export const callers: Readonly<Record<string, Caller>> = {
  billing: {
    clientId: '0cfea938-4f8a-46e5-aeb9-49d2584e5f4f',
    objectId: 'b7c4766b-063d-4674-aa7a-6fc3401bd7e3',
    roles: ['Headers.Read'],
    apis: ['core', 'payments'],
    call: true,
  },
  reporting: {
    clientId: '69771556-d7fd-4284-8780-b0117ae2a45a',
    objectId: 'f5b7d12e-4808-446c-8ca7-4f9e5022b0ea',
    roles: ['Headers.Read'],
    apis: ['core'],
  },
  bookkeeping: {
    clientId: '1be57dd0-f409-4184-897e-e827fcdabf09',
    objectId: '3ed8faac-845d-4a74-9642-04f9278a1ae2',
    roles: ['Headers.Read'],
    apis: ['payments', 'invoices', 'loyalty'],
  },
  stranger: {
    clientId: '2475dd1b-e932-4bac-aee6-19ece1a242f1',
    objectId: '7c50c1a0-2fc0-40bd-ab6b-472ab33f434e',
    roles: ['Headers.Read'],
  },
  platform: {
    clientId: '7a8310ce-208d-49a2-b7e7-5c0248be88dd',
    objectId: '033e5408-6f75-40c0-a6a1-e15b0cd2f852',
    roles: ['Operations.Read', 'Operations.Write'],
  },
  auditor: {
    clientId: 'f36d72b0-d76f-4e94-9075-e95fe0ff034b',
    objectId: 'ffc40fd3-4d00-49d7-9132-d08806896f13',
    roles: ['Operations.Read'],
  },
};

/** A registration of the broker's own at the tenant of the APIs that it calls. */
export type Client = Principal & { tenantId: string; secretName: string };

export const clients: Readonly<Record<string, Client>> = {
  okq8: {
    tenantId: tenants.okq8,
    clientId: '9bed9887-947c-431d-ab9b-e21b62a7998f',
    objectId: '30a51714-43e4-423b-a8c9-1da74392dfa6',
    secretName: 'okq8-client-secret',
  },
  partner: {
    tenantId: tenants.partner,
    clientId: '67eabf2f-112c-4184-b086-d27aa5f48083',
    objectId: '27796b62-8a33-4f0f-a1b7-82e72434b187',
    secretName: 'partner-client-secret',
  },
};

/** An API, its path at the gateways being its name. The subscription's product is the API's. */
export type SampleApi = {
  subscription: string;
  /** The broker calls it for callers with `call`. */
  call?: true;
  oauth?: { client: string; scope: string; accessLevels: readonly [string, ...string[]] };
};

export const apis: Readonly<Record<string, SampleApi>> = {
  core: { subscription: 'okq8-core' },
  payments: {
    subscription: 'okq8-payments',
    call: true,
    oauth: { client: 'okq8', scope: 'api://apim-okq8-payments-api', accessLevels: ['.default', 'get'] },
  },
  invoices: {
    subscription: 'okq8-payments',
    oauth: { client: 'okq8', scope: 'api://apim-okq8-invoices-api', accessLevels: ['.default'] },
  },
  loyalty: {
    subscription: 'partner-loyalty',
    oauth: { client: 'partner', scope: 'api://apim-partner-loyalty-api', accessLevels: ['.default'] },
  },
};

/** Each subscription by its name, which is its `sid` in API Management and its secret's name in Key Vault, and the API that probes call. */
export const subscriptions: Readonly<Record<string, { product: string; displayName: string; probe: string }>> = {
  'okq8-core': { product: 'okq8-core-apis', displayName: 'OKQ8 Core APIs', probe: 'core' },
  'okq8-payments': { product: 'okq8-payments-apis', displayName: 'Payments APIs', probe: 'payments' },
  'partner-loyalty': { product: 'partner-loyalty-apis', displayName: 'Loyalty APIs', probe: 'loyalty' },
};

/** The one API Management service that has them all. */
export const apiManagementService = {
  azureSubscription: '217c6474-b4f5-4572-9949-1595280e4975',
  resourceGroup: 'rg-okq8-integration',
  name: 'apim-okq8',
} as const;

/** Who signs in to its developer portal. */
export const portalUser = {
  id: 'token-broker',
  email: 'token-broker@example.com',
  /** Where Key Vault keeps its password. */
  passwordSecretName: 'portal-password',
} as const;

/** The Key Vault secret that keys the fingerprints. */
export const fingerprintSecretName = 'token-broker-fingerprint-key';
