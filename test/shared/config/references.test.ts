import { describe, expect, test } from '@jest/globals';
import { fullFile, guid, problemsOf, resourceId, withValue } from './file.ts';

const entry = (file: object, path: string): object => {
  const value = path.split('.').reduce<unknown>((at, step) => Reflect.get(Object(at), step), file);
  return structuredClone(Object(value));
};

describe('a client’s credential', () => {
  const path = 'clients.okq8.credential';
  const remedy = 'Write one of "secret", "certificate" and "federated".';

  test.each([
    [{}, 'names no credential'],
    [{ secret: 'a', certificate: 'b' }, 'names more than one credential: secret, certificate'],
    [{ secret: 'a', federated: 'managed-identity' }, 'names more than one credential: secret, federated'],
  ])('is one of three: %j', (credential, problem) => {
    expect(problemsOf(withValue(fullFile(), path, credential))).toEqual([{ path, problem, remedy }]);
  });

  test('that is a certificate shares its name in Key Vault with no key', () => {
    const file = withValue(fullFile(), path, { certificate: 'okq8-core' });
    expect(problemsOf(file).map((each) => each.problem)).toEqual([
      expect.stringContaining('names the same Key Vault secret as'),
    ]);
  });
});

describe('a name that is referred to', () => {
  test.each([
    ['apis.core.subscription', 'subscriptions', 'okq8-core, okq8-payments, partner'],
    ['apis.payments.oauth.client', 'clients', 'okq8, certified, trusted'],
    ['callers.billing.apis[1]', 'apis', 'core, payments'],
  ])('must exist: %s', (path, group, known) => {
    expect(problemsOf(withValue(fullFile(), path, 'nope'))).toEqual([
      {
        path,
        problem: `names what "${group}" does not have`,
        remedy: `Add it there, or use one of: ${known}.`,
      },
    ]);
  });

  test('may have nothing to choose from', () => {
    expect(problemsOf(withValue(fullFile(), 'clients', {}))).toEqual([
      { path: 'apis.payments.oauth.client', problem: 'names what "clients" does not have', remedy: 'Add it there.' },
    ]);
  });

  test.each(['callers.billing.apis', 'apis.payments.oauth.accessLevels'])('stands once in a list: %s', (path) => {
    const twice = path.startsWith('callers') ? ['core', 'core'] : ['.default', '.default'];
    expect(problemsOf(withValue(fullFile(), path, twice))).toEqual([
      { path, problem: 'names the same twice', remedy: 'Keep each once.' },
    ]);
  });
});

describe('the identity of a caller', () => {
  test('is one entry’s alone', () => {
    const file = fullFile();
    withValue(file, 'callers.copy', entry(file, 'callers.billing'));
    expect(problemsOf(file)).toEqual([
      {
        path: 'callers.copy',
        problem: 'has the clientId and objectId of "billing"',
        remedy: expect.stringMatching(/one entry/),
      },
    ]);
  });

  test('is the same in either case', () => {
    const file = fullFile();
    withValue(file, 'callers.copy', {
      ...entry(file, 'callers.billing'),
      clientId: guid.caller.toUpperCase(),
    });
    expect(problemsOf(file).map(({ path }) => path)).toEqual(['callers.copy']);
  });

  test('is both ids: an application may have a service principal of another name', () => {
    const file = fullFile();
    withValue(file, 'callers.other', { ...entry(file, 'callers.billing'), objectId: guid.apiTenant });
    expect(problemsOf(file)).toEqual([]);
  });
});

describe('a caller without headers', () => {
  test('may have APIs called', () => {
    expect(problemsOf(withValue(fullFile(), 'callers.billing.headers', false))).toEqual([]);
  });

  test.each([false, undefined])('that may not (call is %j) may do nothing, and is refused', (call) => {
    const file = withValue(withValue(fullFile(), 'callers.billing.headers', false), 'callers.billing.call', call);
    expect(problemsOf(file)).toEqual([
      {
        path: 'callers.billing.headers',
        problem: expect.stringMatching(/may not have APIs called/),
        remedy: expect.stringMatching(/"call": true/),
      },
    ]);
  });
});

describe('the identity of a client', () => {
  test('is one entry’s alone, in either case', () => {
    const file = fullFile();
    const copy = {
      ...entry(file, 'clients.okq8'),
      clientId: guid.client.toUpperCase(),
      credential: { secret: 'other' },
    };
    expect(problemsOf(withValue(file, 'clients.copy', copy))).toEqual([
      {
        path: 'clients.copy',
        problem: 'has the tenantId and clientId of "okq8"',
        remedy: expect.stringMatching(/one entry/),
      },
    ]);
  });

  test('may be one application in two tenants', () => {
    const file = fullFile();
    const other = { ...entry(file, 'clients.okq8'), tenantId: guid.tenant, credential: { secret: 'other' } };
    expect(problemsOf(withValue(file, 'clients.other', other))).toEqual([]);
  });
});

describe('the secret of a subscription', () => {
  test.each([
    ['by its own name and another’s', { secret: 'okq8-core' }],
    ['in another case', { secret: 'OKQ8-Core' }],
  ])('is its own: %s', (_how, subscription) => {
    expect(problemsOf(withValue(fullFile(), 'subscriptions.third', subscription))).toEqual([
      {
        path: 'subscriptions.third.secret',
        problem: 'names the same Key Vault secret as subscriptions.okq8-core.secret',
        remedy: expect.stringMatching(/of its own/),
      },
    ]);
  });

  test.each(['okq8-client-secret', 'fingerprint-key'])('is not what is kept for another purpose: %s', (secret) => {
    expect(problemsOf(withValue(fullFile(), 'subscriptions.okq8-core.secret', secret))).toHaveLength(1);
  });

  test('is not the fingerprints’ by default', () => {
    const file = withValue(fullFile(), 'broker.fingerprintKey', undefined);
    expect(problemsOf(withValue(file, 'subscriptions.okq8-core.secret', 'token-broker-fingerprint-key'))).toHaveLength(
      1,
    );
  });

  test('of several APIs of one product is shared, because the subscription is', () => {
    expect(problemsOf(withValue(fullFile(), 'apis.core.subscription', 'okq8-payments'))).toEqual([]);
  });
});

describe('the keys of a subscription', () => {
  const twice = (path: string, changes: object = {}, others: object = {}) => {
    const file = fullFile();
    const authority = { ...entry(file, `${path}.authority`), ...changes };
    return problemsOf(withValue(file, 'subscriptions.copy', { ...others, authority }));
  };
  const problem = (other: string) => ({
    path: 'subscriptions.copy.authority',
    problem: `names the keys of "${other}", which each of the two would regenerate`,
    remedy: expect.stringMatching(/^Keep one entry/),
  });

  test.each([
    ['in the same words', {}],
    ['in another case', { resourceId: resourceId.replace('/apis/', '/APIs/') }],
  ])('are one entry’s alone, whether or not it rotates them: %s', (_how, changes) => {
    expect(twice('subscriptions.okq8-payments', changes)).toEqual([problem('okq8-payments')]);
  });

  test.each([
    ['in the same words', {}],
    ['with a slash at the end', { url: 'https://portal.example.com/data/' }],
    ['as another user', { email: 'others@example.com', password: 'others-password' }],
  ])('are one entry’s alone at a portal: %s', (_how, changes) => {
    expect(twice('subscriptions.partner', changes)).toEqual([problem('partner')]);
  });

  test('are others’ under another id', () => {
    expect(twice('subscriptions.okq8-payments', { resourceId: `${resourceId}-2` })).toEqual([]);
    expect(twice('subscriptions.partner', { subscription: '5f3c0d1e2c' })).toEqual([]);
  });
});

describe('a key without a promise', () => {
  const withSkew = (clockSkew: string) =>
    withValue(fullFile(), 'broker.rotationTerms', { readAge: '60s', clockSkew, flight: '20s' });

  test('is good for long enough to be handed out, however slow its read', () => {
    // 60 s + 4 min − 2ε against 10 s + 2 s.
    expect(problemsOf(withSkew('144s'))).toEqual([]);
    expect(problemsOf(withSkew('145s'))).toEqual([
      {
        path: 'broker.rotationTerms.clockSkew',
        problem: expect.stringMatching(/readAge \+ headerLifetime − 2 × clockSkew$/),
        remedy: expect.stringMatching(/at least 10 s and "upstreamTimeout"/),
      },
    ]);
  });
});

describe('rotation', () => {
  test.each(['authority', 'probe'])('needs %s', (member) => {
    const path = `subscriptions.okq8-payments.${member}`;
    expect(problemsOf(withValue(fullFile(), path, undefined))).toEqual([
      {
        path,
        problem: 'is missing, and "rotation" needs it',
        remedy: 'Add it, or remove "rotation".',
      },
    ]);
  });
});

describe('the password of a portal’s user', () => {
  const path = 'subscriptions.partner.authority.password';
  const second = 'subscriptions.second.authority.password';
  const withSecond = (changes: object) => {
    const file = fullFile();
    const authority = { ...entry(file, 'subscriptions.partner.authority'), subscription: 'other', ...changes };
    return problemsOf(withValue(file, 'subscriptions.second', { authority }));
  };
  const shared = (at: string, other: string) => ({
    path: at,
    problem: `names the same Key Vault secret as ${other}`,
    remedy: expect.stringMatching(/of its own/),
  });

  test.each([
    ['a client’s', 'okq8-client-secret', shared(path, 'clients.okq8.credential.secret')],
    ['the fingerprints’', 'Fingerprint-Key', shared(path, 'broker.fingerprintKey')],
    ['a subscription’s, which would be handed out', 'payments-key', shared('subscriptions.okq8-payments.secret', path)],
    ['its own subscription’s', 'partner', shared('subscriptions.partner.secret', path)],
    ['an alternate key’s', 'partner-alternate', shared(path, 'the alternate key of subscriptions.partner.secret')],
  ])('is no other secret: %s', (_whose, secret, problem) => {
    expect(problemsOf(withValue(fullFile(), path, secret))).toEqual([problem]);
  });

  test('is shared by the subscriptions of one user', () => {
    expect(withSecond({})).toEqual([]);
    expect(withSecond({ url: 'https://portal.example.com/data/', email: 'APIs@example.com' })).toEqual([]);
  });

  test.each([
    ['user', { email: 'others@example.com' }],
    ['portal', { url: 'https://other.example.com' }],
  ])('is not shared with another %s', (_whose, changes) => {
    expect(withSecond(changes)).toEqual([shared(second, path)]);
    expect(withSecond({ ...changes, password: 'other-password' })).toEqual([]);
  });

  test('is one for each user: only one of two would be read', () => {
    expect(withSecond({ password: 'other-password' })).toEqual([
      {
        path: second,
        problem: `names another Key Vault secret than ${path} for the same user of the portal`,
        remedy: expect.stringMatching(/one secret/),
      },
    ]);
  });

  test('that is none is reported as that alone', () => {
    expect(withSecond({ password: 1 }).map(({ remedy }) => remedy)).toEqual([
      expect.stringMatching(/name of a Key Vault/),
    ]);
  });
});

describe('the time for an upstream call', () => {
  const withTimes = (upstream: string | undefined, request: string | undefined) =>
    problemsOf(withValue(withValue(fullFile(), 'broker.upstreamTimeout', upstream), 'broker.requestTimeout', request));

  test('may not be longer than that for a request', () => {
    expect(withTimes('5001ms', '5s')).toEqual([
      {
        path: 'broker.upstreamTimeout',
        problem: 'is not shorter than "requestTimeout"',
        remedy: expect.stringMatching(/shorter/),
      },
    ]);
  });

  test('may not be all of that for a request', () => {
    expect(withTimes('5s', '5000ms')).toHaveLength(1);
  });

  test('is held against the default of the other', () => {
    expect(withTimes(undefined, '2s')).toHaveLength(1);
    expect(withTimes('6s', undefined)).toHaveLength(1);
    expect(withTimes(undefined, undefined)).toEqual([]);
  });
});

test('no secret has the name under which rotation keeps another subscription’s alternate key', () => {
  const file = withValue(fullFile(), 'clients.okq8.credential.secret', 'okq8-core-alternate');
  expect(problemsOf(file).map(({ path }) => path)).toEqual(['clients.okq8.credential.secret']);
});
