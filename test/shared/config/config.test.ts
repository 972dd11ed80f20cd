import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { validateConfig } from '../../../shared/config/validate.ts';
import { fullFile, guid, leastFile, resourceId, withValue } from './file.ts';

const rotation = 'subscriptions.okq8-payments.rotation';
const read = (file: object) => validateConfig(JSON.stringify(file), 'broker.config.json');

describe('a valid file', () => {
  test('is read in full', () => {
    expect(read(fullFile())).toEqual({
      broker: {
        tenantId: guid.tenant,
        audience: guid.broker,
        headerLifetimeMs: 240_000,
        requestTimeoutMs: 6_000,
        upstreamTimeoutMs: 2_000,
        fingerprintKey: 'fingerprint-key',
        maximumInstances: 1_000,
        audit: { sink: 'log', onFailure: 'log' },
        rotationTerms: { visibilityMs: 50_000, readAgeMs: 40_000, skewMs: 5_000, flightMs: 20_000 },
      },
      apis: [
        {
          name: 'core',
          baseUrl: 'https://api.example.com/core',
          subscription: 'okq8-core',
          call: false,
          oauth: undefined,
        },
        {
          name: 'payments',
          baseUrl: 'https://api.example.com/payments',
          subscription: 'okq8-payments',
          call: true,
          oauth: { client: 'okq8', scope: 'api://apim-payments-api', accessLevels: ['.default', 'get'] },
        },
      ],
      subscriptions: [
        { name: 'okq8-core', secret: 'okq8-core', authority: undefined, probe: undefined, rotation: undefined },
        {
          name: 'okq8-payments',
          secret: 'payments-key',
          authority: { kind: 'arm', resourceId },
          probe: { url: 'https://api.example.com/payments/ping', gateways: ['https://gateway.example.com'] },
          rotation: {
            everyMs: 2_592_000_000,
            settleMs: 900_000,
            promiseMs: 10_800_000,
            drainMs: 3_600_000,
            windows: [{ days: new Set([1, 2, 3, 4, 5]), from: 120, to: 300, timeZone: 'Europe/Stockholm' }],
            paused: true,
          },
        },
        {
          name: 'partner',
          secret: 'partner',
          authority: {
            kind: 'developer-portal',
            url: 'https://portal.example.com/data',
            email: 'apis@example.com',
            password: 'partner-password',
            subscription: '5f3c0d1e2b',
          },
          probe: undefined,
          rotation: undefined,
        },
      ],
      clients: [
        {
          name: 'okq8',
          tenantId: guid.apiTenant,
          clientId: guid.client,
          credential: { kind: 'secret', secret: 'okq8-client-secret' },
        },
        {
          name: 'certified',
          tenantId: guid.apiTenant,
          clientId: 'c3a1f5de-9a5b-4f0c-8d65-0f6b7c1e2a34',
          credential: { kind: 'certificate', secret: 'okq8-certificate' },
        },
        {
          name: 'trusted',
          tenantId: guid.apiTenant,
          clientId: 'd4b2f6ef-0b6c-4a1d-9e76-1a7c8d2f3b45',
          credential: { kind: 'federated' },
        },
      ],
      callers: [
        {
          name: 'billing',
          clientId: guid.caller,
          objectId: guid.object,
          apis: ['core', 'payments'],
          headers: true,
          call: true,
          rateLimit: { perSecond: 5, burst: 10 },
        },
      ],
    });
  });

  test('has the documented defaults where it says nothing', () => {
    expect(read(leastFile())).toMatchObject({
      broker: {
        headerLifetimeMs: 300_000,
        requestTimeoutMs: 5_000,
        upstreamTimeoutMs: 3_000,
        fingerprintKey: 'token-broker-fingerprint-key',
        maximumInstances: 100,
        audit: { sink: 'log', onFailure: 'deny' },
        rotationTerms: { visibilityMs: 60_000, readAgeMs: 60_000, skewMs: 10_000, flightMs: 15_000 },
      },
      subscriptions: [{ secret: 'okq8-core' }],
      clients: [],
      apis: [{ call: false }],
      callers: [{ headers: true, call: false, rateLimit: { perSecond: 200, burst: 1_000 } }],
    });
  });

  test('has the default access level where an API says nothing', () => {
    const config = read(withValue(fullFile(), 'apis.payments.oauth.accessLevels', undefined));
    expect(config.apis[1]?.oauth?.accessLevels).toEqual(['.default']);
  });

  test('has the documented defaults where a rotation says nothing', () => {
    expect(read(withValue(fullFile(), rotation, { every: '1d' })).subscriptions[1]?.rotation).toEqual({
      everyMs: 86_400_000,
      settleMs: 600_000,
      promiseMs: 21_600_000,
      // 50s + 40s + 4m + 2 × 5s + 20s of the file.
      drainMs: 360_000,
      windows: [],
      paused: false,
    });
  });

  test('has the shortest drain of the default terms where it says nothing of either', () => {
    const file = withValue(withValue(fullFile(), rotation, { every: '1d' }), 'broker.rotationTerms', undefined);
    const config = read(withValue(file, 'broker.headerLifetime', undefined));
    expect(config.subscriptions[1]?.rotation?.drainMs).toBe(455_000);
  });

  test('has the default of each term that it leaves out', () => {
    const config = read(withValue(fullFile(), 'broker.rotationTerms', { visibility: '2m' }));
    expect(config.broker.rotationTerms).toEqual({
      visibilityMs: 120_000,
      readAgeMs: 60_000,
      skewMs: 10_000,
      flightMs: 15_000,
    });
  });

  test('has a caller without a rate limit of its own take the broker’s', () => {
    const config = read(withValue(fullFile(), 'callers.billing.rateLimit', undefined));
    expect(config.callers[0]?.rateLimit).toEqual({ perSecond: 50, burst: 100 });
  });

  test('has GUIDs in lower case, as Entra writes them', () => {
    const file = withValue(fullFile(), 'callers.billing.clientId', guid.caller.toUpperCase());
    const config = read(withValue(file, 'broker.tenantId', guid.tenant.toUpperCase()));
    expect(config.callers[0]?.clientId).toBe(guid.caller);
    expect(config.broker.tenantId).toBe(guid.tenant);
  });

  test('has the audience in lower case where it is a GUID', () => {
    expect(read(withValue(fullFile(), 'broker.audience', guid.broker.toUpperCase())).broker.audience).toBe(guid.broker);
  });

  test('has base URLs, gateways and portals without a slash at their end', () => {
    const portal = withValue(fullFile(), 'subscriptions.partner.authority.url', 'https://portal.example.com/data/');
    const file = withValue(portal, 'apis.core.baseUrl', 'https://api.example.com/core//');
    const config = read(withValue(file, 'subscriptions.okq8-payments.probe.gateways[0]', 'https://gw.example.com/'));
    expect(config.apis[0]?.baseUrl).toBe('https://api.example.com/core');
    expect(config.subscriptions[1]?.probe?.gateways).toEqual(['https://gw.example.com']);
    expect(config.subscriptions[2]?.authority).toMatchObject({ url: 'https://portal.example.com/data' });
  });

  test.each([
    ['that is full', fullFile()],
    ['that has defaults only', leastFile()],
  ])('%s becomes a configuration that is frozen to its depths', (_what, file) => {
    expect(thawed(read(file), 'config')).toEqual([]);
  });

  test('does not share what it fills in with another file', () => {
    expect(read(leastFile()).callers[0]?.rateLimit).toEqual(read(leastFile()).callers[0]?.rateLimit);
    expect(() => read(leastFile())).not.toThrow();
  });
});

test('the sample file is valid', () => {
  const path = join(import.meta.dirname, '../../../broker.config.sample.json');
  expect(() => validateConfig(readFileSync(path, 'utf8'), path)).not.toThrow();
});

/** The paths of what is not frozen. */
function thawed(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.entries(value).flatMap(([name, member]) => thawed(member, `${path}.${name}`));
  return Object.isFrozen(value) ? inside : [path, ...inside];
}
