import { format, inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { Secret } from '../../../shared/secret.ts';

const text = 'CANARYfeedface';
const secret = new Secret(text);
const redacted = '[redacted]';

describe('a secret (guarantee 3)', () => {
  test('is told by open() alone', () => {
    expect(secret.open()).toBe(text);
  });

  test.each<[string, string]>([
    ['String()', String(secret)],
    // What a slip of the pen does.
    // oxlint-disable-next-line typescript/restrict-template-expressions
    ['a template', `${secret}`],
    ['concatenation', ''.concat(String(secret))],
    ['toLocaleString', secret.toLocaleString()],
    ['inspect', inspect(secret)],
    ['the %s of console', format('%s', secret)],
    ['the %o of console', format('%o', secret)],
    ['the %O of console', format('%O', secret)],
    ['a list in a text', [secret].join()],
  ])('is %s as [redacted]', (_how, shown) => {
    expect(shown).toBe(redacted);
  });

  test('is JSON as [redacted], wherever it stands', () => {
    expect(JSON.stringify({ key: secret, list: [secret] })).toBe('{"key":"[redacted]","list":["[redacted]"]}');
    expect(format('%j', secret)).toBe('"[redacted]"');
  });

  test.each<[string, string]>([
    ['in an object', inspect({ key: secret })],
    ['in an object, with all that is hidden', inspect({ key: secret }, { showHidden: true, depth: Infinity })],
    ['without custom inspection', inspect(secret, { customInspect: false, showHidden: true, depth: Infinity })],
    ['in a map', inspect(new Map([['key', secret]]))],
    ['in an error', inspect(Object.assign(new Error('x'), { secret }))],
    ['as a cause', inspect(new Error('x', { cause: secret }))],
    ['through console.dir', inspect(secret, { colors: true, showHidden: true, getters: true })],
    ['as a table', format('%o', [secret])],
  ])('is not inspected %s', (_how, shown) => {
    expect(shown).not.toContain(text);
  });

  test.each<[string, unknown]>([
    ['its members', Object.entries(secret)],
    ['its own properties', Reflect.ownKeys(secret)],
    // oxlint-disable-next-line typescript/no-misused-spread
    ['a spread', { ...secret }],
    ['Object.assign', Object.assign({}, secret)],
    ['structuredClone', structuredClone(secret)],
    ['its prototype', Object.getOwnPropertyNames(Object.getPrototypeOf(secret))],
  ])('is not copied by %s', (_how, copy) => {
    expect(inspect(copy, { showHidden: true, depth: Infinity })).not.toContain(text);
    expect(JSON.stringify(copy)).not.toContain(text);
  });

  test('is no number, and no other secret’s equal', () => {
    expect(Number(secret)).toBeNaN();
    expect(new Secret(text) === secret).toBe(false);
  });
});
