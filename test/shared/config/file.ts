import { ConfigError, type ConfigProblem } from '../../../shared/config/problem.ts';
import { validateConfig } from '../../../shared/config/validate.ts';

export const guid = {
  tenant: '7d0a1d53-6a4c-4c60-9d0f-3a1f2a5b6c7d',
  broker: '3f2b8c1e-90ad-4f5e-8a57-1c2d3e4f5a6b',
  apiTenant: 'a53d724c-15ea-4469-a987-82a5b30ec167',
  client: '0b9c7a54-2f1d-4e3b-8c6a-5d4e3f2a1b0c',
  caller: 'c1d2e3f4-a5b6-4c7d-8e9f-0a1b2c3d4e5f',
  object: 'd2e3f4a5-b6c7-4d8e-9f0a-1b2c3d4e5f6a',
} as const;

export const resourceId = `/subscriptions/${guid.tenant}/resourceGroups/apis/providers/Microsoft.ApiManagement/service/okq8/subscriptions/payments`;

/** A valid file in which every member stands. */
export function fullFile(): object {
  return {
    $schema: './docs/broker-config.schema.json',
    broker: {
      tenantId: guid.tenant,
      audience: guid.broker,
      headerLifetime: '4m',
      requestTimeout: '6s',
      upstreamTimeout: '2s',
      fingerprintKey: 'fingerprint-key',
      maximumInstances: 1_000,
      rotationTerms: { visibility: '50s', readAge: '40s', clockSkew: '5s', flight: '20s' },
      audit: { sink: 'log', onFailure: 'log' },
      rateLimit: { perSecond: 50, burst: 100 },
    },
    apis: {
      core: { baseUrl: 'https://api.example.com/core', subscription: 'okq8-core' },
      payments: {
        baseUrl: 'https://api.example.com/payments',
        subscription: 'okq8-payments',
        call: true,
        oauth: { client: 'okq8', scope: 'api://apim-payments-api', accessLevels: ['.default', 'get'] },
      },
    },
    subscriptions: {
      'okq8-core': {},
      'okq8-payments': {
        secret: 'payments-key',
        authority: { kind: 'arm', resourceId },
        probe: { url: 'https://api.example.com/payments/ping', gateways: ['https://gateway.example.com'] },
        rotation: {
          every: '30d',
          settle: '15m',
          promise: '3h',
          drain: '1h',
          windows: ['Mon-Fri 02:00-05:00 Europe/Stockholm'],
          paused: true,
        },
      },
      partner: {
        authority: {
          kind: 'developer-portal',
          url: 'https://portal.example.com/data',
          email: 'apis@example.com',
          password: 'partner-password',
          subscription: '5f3c0d1e2b',
        },
      },
    },
    clients: {
      okq8: {
        tenantId: guid.apiTenant,
        clientId: guid.client,
        credential: { secret: 'okq8-client-secret' },
      },
      certified: {
        tenantId: guid.apiTenant,
        clientId: 'c3a1f5de-9a5b-4f0c-8d65-0f6b7c1e2a34',
        credential: { certificate: 'okq8-certificate' },
      },
      trusted: {
        tenantId: guid.apiTenant,
        clientId: 'd4b2f6ef-0b6c-4a1d-9e76-1a7c8d2f3b45',
        credential: { federated: 'managed-identity' },
      },
    },
    callers: {
      billing: {
        clientId: guid.caller,
        objectId: guid.object,
        apis: ['core', 'payments'],
        headers: true,
        call: true,
        rateLimit: { perSecond: 5, burst: 10 },
      },
    },
  };
}

/** A valid file in which only what is required stands. */
export function leastFile(): object {
  return {
    broker: { tenantId: guid.tenant, audience: guid.broker },
    apis: { core: { baseUrl: 'https://api.example.com/core', subscription: 'okq8-core' } },
    subscriptions: { 'okq8-core': {} },
    callers: { billing: { clientId: guid.caller, objectId: guid.object, apis: ['core'] } },
  };
}

/** A file with one value set, or deleted where the value is `undefined`. The path is written as the broker writes it: `callers.billing.apis[0]`. */
export function withValue(file: object, path: string, value: unknown): object {
  const steps = path.split(/[.[]/).map((step) => step.replace(']', ''));
  const last = steps.pop() ?? '';
  const parent = steps.reduce<object>((at, step) => expectObject(Reflect.get(at, step)), file);
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else Object.defineProperty(parent, last, { value, enumerable: true, configurable: true, writable: true });
  return file;
}

function expectObject(value: unknown): object {
  if (typeof value !== 'object' || value === null) throw new TypeError('The path leads to no object.');
  return value;
}

/** What is wrong with a file, or with its text; empty for a valid one. */
export function problemsOf(file: object | string): readonly ConfigProblem[] {
  try {
    validateConfig(typeof file === 'string' ? file : JSON.stringify(file), 'broker.config.json');
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

export function pathsOf(file: object | string): string[] {
  return problemsOf(file).map(({ path }) => path);
}
