import { describe, expect, jest, test } from '@jest/globals';
import { createKept, createKeptByName } from '../../shared/kept.ts';

describe('what is kept', () => {
  test('stays the same while it is described the same, and is made anew when it is not', () => {
    const keep = createKept<object>();
    const first = keep({ name: 'a', parts: ['b'] }, () => ({}));
    expect(keep({ name: 'a', parts: ['b'] }, () => ({}))).toBe(first);
    const second = keep({ name: 'a', parts: ['b', 'c'] }, () => ({}));
    expect(second).not.toBe(first);
    expect(keep({ name: 'a', parts: ['b'] }, () => ({}))).not.toBe(first);
  });

  test.each([
    ['a set', () => new Set([1]), new Set([2])],
    ['a map', () => new Map([['a', 1]]), new Map([['a', 2]])],
    ['a member that is there and undefined', () => ({ a: 1, b: undefined }), { a: 1, b: null }],
    ['a number that JSON has no word for', () => [Infinity], [null]],
    ['the order of a list', () => ['a', 'b'], ['b', 'a']],
  ])('tells %s from another', (_what, one, other) => {
    const keep = createKept<object>();
    const first = keep(one(), () => ({}));
    expect(keep(one(), () => ({}))).toBe(first);
    expect(keep(other, () => ({}))).not.toBe(first);
  });

  test('is made once for a description, also of nothing', () => {
    const keep = createKept<undefined>();
    const make = jest.fn(() => undefined);
    keep(undefined, make);
    keep(undefined, make);
    expect(make).toHaveBeenCalledTimes(1);
  });
});

describe('what is kept by name', () => {
  const describeAll = (entries: Record<string, number>) => new Map(Object.entries(entries));

  test('stays the same for each name that is described the same', () => {
    const keep = createKeptByName<string, object>();
    const before = keep(describeAll({ a: 1, b: 2 }), () => ({}));
    const after = keep(describeAll({ b: 2, a: 3, c: 4 }), () => ({}));
    expect(Array.from(after.keys())).toEqual(['b', 'a', 'c']);
    expect(after.get('b')).toBe(before.get('b'));
    expect(after.get('a')).not.toBe(before.get('a'));
  });

  test('is let go with its name, and what was handed out before stays what it was', () => {
    const keep = createKeptByName<string, object>();
    const before = keep(describeAll({ a: 1 }), () => ({}));
    const [first] = before.values();
    expect(keep(describeAll({}), () => ({})).size).toBe(0);
    expect(before.get('a')).toBe(first);
    expect(keep(describeAll({ a: 1 }), () => ({})).get('a')).not.toBe(first);
  });

  test('is not mixed up with what has the same description and another name', () => {
    const keep = createKeptByName<string, string>();
    const kept = keep(describeAll({ a: 1, b: 1 }), (name, description) => `${name}${description}`);
    expect(Array.from(kept)).toEqual([
      ['a', 'a1'],
      ['b', 'b1'],
    ]);
  });
});
