import { describe, expect, test } from '@jest/globals';
import { ConfigError } from '../../../shared/config/problem.ts';
import { validateConfig } from '../../../shared/config/validate.ts';
import { fullFile, pathsOf, problemsOf, withValue } from './file.ts';

/** A file with several values set. */
function withValues(values: Readonly<Record<string, unknown>>): object {
  return Object.entries(values).reduce((file, [path, value]) => withValue(file, path, value), fullFile());
}

describe('a file with many problems', () => {
  test('has all of them reported at once, each with its path', () => {
    const file = withValues({
      'broker.tenantId': 'x',
      'broker.headerLifetime': '5 minutes',
      'broker.timeout': '5s',
      'apis.core.baseUrl': 'http://api.example.com',
      'apis.core.subscription': 'nope',
      'apis.payments.oauth.scope': 'api://x/.default',
      'apis.payments.oauth.accessLevels': [],
      'subscriptions.okq8-payments.rotation.drain': '5m',
      'subscriptions.okq8-payments.rotation.windows[0]': 'at night',
      'subscriptions.partner.authority.email': 'nobody',
      'clients.okq8.credential.value': 'x',
      'callers.billing.apis[1]': '*',
    });
    expect(pathsOf(file).toSorted()).toEqual(
      [
        'broker.tenantId',
        'broker.headerLifetime',
        'broker.timeout',
        'apis.core.baseUrl',
        'apis.core.subscription',
        'apis.payments.oauth.scope',
        'apis.payments.oauth.accessLevels',
        'subscriptions.okq8-payments.rotation.drain',
        'subscriptions.okq8-payments.rotation.windows[0]',
        'subscriptions.partner.authority.email',
        'clients.okq8.credential.value',
        // Not a name, and the name of no API.
        'callers.billing.apis[1]',
        'callers.billing.apis[1]',
      ].toSorted(),
    );
  });

  test('has a member that stands twice reported together with what is wrong elsewhere', () => {
    const text = JSON.stringify(withValue(fullFile(), 'broker.audience', '')).replace(
      '"callers":',
      '"callers":{},"callers":',
    );
    expect(pathsOf(text)).toEqual(['callers', 'broker.audience']);
  });

  test('has a timeout that contradicts another reported together with the rest', () => {
    const file = withValues({ 'broker.upstreamTimeout': '10s', 'broker.audience': '' });
    expect(pathsOf(file).toSorted()).toEqual(['broker.audience', 'broker.upstreamTimeout']);
  });

  test('has no problem reported that only follows from another', () => {
    const file = withValues({ 'callers.one': { apis: ['core'] }, 'callers.two': { apis: ['core'] } });
    expect(pathsOf(file).toSorted()).toEqual([
      'callers.one.clientId',
      'callers.one.objectId',
      'callers.two.clientId',
      'callers.two.objectId',
    ]);
  });

  test('has each problem reported once', () => {
    expect(pathsOf(withValues({ 'broker.rateLimit.burst': 0 }))).toEqual(['broker.rateLimit.burst']);
  });
});

test('an error lists every problem and its remedy in its message, under the name of the file', () => {
  const file = JSON.stringify(withValues({ 'broker.audience': '', 'apis.core.subscription': 'nope' }));
  const error = catchError(() => validateConfig(file, 'my.config.json'));
  expect(error).toBeInstanceOf(ConfigError);
  for (const part of ['my.config.json has 2 problems:', ...Object.values(problemsOf(file)[0] ?? {})]) {
    expect(String(error)).toContain(part);
  }
  expect(String(error).split('\n')).toHaveLength(3);
});

test('a value of the file is never repeated in a problem: it may be a secret in the wrong place', () => {
  const canary = 'CANARYfeedface!';
  const places = [
    'broker.tenantId',
    'broker.rotationTerms.flight',
    'apis.core.baseUrl',
    'subscriptions.okq8-payments.rotation.drain',
    'subscriptions.okq8-payments.rotation.windows[0]',
    'subscriptions.partner.authority.email',
    'subscriptions.partner.authority.password',
    'subscriptions.partner.authority.subscription',
    'clients.okq8.credential.secret',
    'callers.billing.apis[0]',
  ];
  const file = withValues(Object.fromEntries(places.map((place) => [place, canary])));
  expect(pathsOf(file)).toEqual(expect.arrayContaining(places));
  expect(JSON.stringify(problemsOf(file))).not.toContain('CANARY');
});

function catchError(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}
