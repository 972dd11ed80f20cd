import { describe, expect, test } from '@jest/globals';
import { fullFile, leastFile, pathsOf, problemsOf, withValue } from './file.ts';

const objects = [
  '',
  'broker',
  'broker.audit',
  'broker.rateLimit',
  'broker.rotationTerms',
  'apis.payments',
  'apis.payments.oauth',
  'subscriptions.okq8-payments',
  'subscriptions.okq8-payments.authority',
  'subscriptions.okq8-payments.probe',
  'subscriptions.okq8-payments.rotation',
  'subscriptions.partner.authority',
  'clients.okq8',
  'clients.okq8.credential',
  'callers.billing',
  'callers.billing.rateLimit',
];
const inside = (object: string, member: string) => (object === '' ? member : `${object}.${member}`);

describe('a member that the broker does not know', () => {
  test.each(objects)('is refused in "%s", with its path', (object) => {
    const path = inside(object, 'unheardOf');
    expect(problemsOf(withValue(fullFile(), path, 1))).toEqual([
      { path, problem: 'is not a member that the broker knows', remedy: expect.stringContaining('docs/config.md') },
    ]);
  });

  test.each(
    objects.flatMap((object) => ['constructor', 'toString', 'hasOwnProperty'].map((name) => inside(object, name))),
  )('is refused when it is %s', (path) => {
    expect(pathsOf(withValue(fullFile(), path, {}))).toEqual([path]);
  });

  test.each(objects.map((object) => inside(object, '__proto__')))('is refused when it is %s', (path) => {
    expect(pathsOf(withValue(fullFile(), path, {}))).toEqual([path]);
  });
});

describe('a name in a group', () => {
  const groups = ['apis', 'subscriptions', 'clients', 'callers'];
  const names = ['Core', '1core', 'a_b', 'a.b', '*', '', ' ', 'a'.repeat(64), 'hasOwnProperty', 'å'];
  test.each(groups.flatMap((group) => names.map((name) => [group, name])))('of %s may not be "%s"', (group, name) => {
    const file = fullFile();
    Object.assign(Reflect.get(file, group), { [name]: {} });
    expect(problemsOf(file)).toContainEqual({
      path: `${group}.${name}`,
      problem: 'is not a valid name',
      remedy: expect.stringMatching(/lower-case letter/),
    });
  });

  test.each(groups)('of %s may not be "__proto__"', (group) => {
    expect(pathsOf(withValue(fullFile(), `${group}.__proto__`, {}))).toEqual([`${group}.__proto__`]);
  });

  test('may be what every object inherits, and is then no more than a name', () => {
    const file = withValue(leastFile(), 'apis.constructor', {
      baseUrl: 'https://api.example.com/constructor',
      subscription: 'okq8-core',
    });
    expect(problemsOf(file)).toEqual([]);
  });

  test.each(['constructor', 'tostring', 'valueof'])('that is only inherited is not a known one: %s', (name) => {
    expect(pathsOf(withValue(leastFile(), 'apis.core.subscription', name))).toEqual(['apis.core.subscription']);
  });
});

describe('an empty group', () => {
  test.each(['apis', 'callers', 'subscriptions'])('is refused for %s', (group) => {
    expect(pathsOf(withValue(leastFile(), group, {}))).toContain(group);
  });
});
