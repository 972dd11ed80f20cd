import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { shortestDrain } from '../../../shared/config/drain.ts';
import { shortestDrainMs } from '../../../shared/rotation/terms.ts';
import { fullFile, pathsOf, problemsOf, withValue } from './file.ts';

const path = 'subscriptions.okq8-payments.rotation.drain';
const terms = 'broker.rotationTerms';
/** The full file with another drain, and other values. */
const withDrain = (drain: string, values: Readonly<Record<string, unknown>> = {}) =>
  Object.entries(values).reduce(
    (file, [member, value]) => withValue(file, member, value),
    withValue(fullFile(), path, drain),
  );
/** All terms as they are where the file names none. */
const defaults = { [terms]: undefined, 'broker.headerLifetime': undefined };

describe('a drain', () => {
  test('that is shorter than the inequality allows is refused, with the sum', () => {
    expect(problemsOf(withDrain('454999ms', defaults))).toEqual([
      {
        path,
        problem: expect.stringMatching(
          /^is shorter .*: visibility \+ readAge \+ headerLifetime \+ 2 × clockSkew \+ flight$/,
        ),
        remedy: 'Write at least their sum, 60s + 60s + 5m + 2 × 10s + 15s = 455s, or leave it out.',
      },
    ]);
  });

  test('that is as long as the inequality allows is accepted', () => {
    expect(problemsOf(withDrain('455s', defaults))).toEqual([]);
  });

  test('is held against the terms of the file', () => {
    expect(problemsOf(withDrain('359s'))[0]?.remedy).toContain('50s + 40s + 4m + 2 × 5s + 20s = 360s');
    expect(problemsOf(withDrain('6m'))).toEqual([]);
  });

  // Of 360 seconds with the terms of the full file.
  test.each([
    ['visibility', `${terms}.visibility`, '51s', '361s'],
    ['readAge', `${terms}.readAge`, '41s', '361s'],
    ['headerLifetime', 'broker.headerLifetime', '241s', '361s'],
    ['clockSkew, twice', `${terms}.clockSkew`, '6s', '362s'],
    ['flight', `${terms}.flight`, '21s', '361s'],
    ['visibility where it is left out', `${terms}.visibility`, undefined, '370s'],
    ['clockSkew where it is left out', `${terms}.clockSkew`, undefined, '370s'],
  ])('reckons with %s', (_term, member, value, sum) => {
    expect(problemsOf(withDrain('6m', { [member]: value }))[0]?.remedy).toContain(` = ${sum},`);
    expect(problemsOf(withDrain(sum, { [member]: value }))).toEqual([]);
  });

  test('is refused with a sum that can be written in its place', () => {
    const values = { [`${terms}.flight`]: '1ms' };
    expect(problemsOf(withDrain('340s', values))[0]?.remedy).toContain(' = 340001ms,');
    expect(problemsOf(withDrain('340001ms', values))).toEqual([]);
  });

  test('is held against the default of a term that cannot be read, and both are reported', () => {
    const file = withDrain('369s', { [`${terms}.visibility`]: 'a minute' });
    expect(pathsOf(file).toSorted()).toEqual([`${terms}.visibility`, path]);
    expect(pathsOf(withDrain('370s', { [`${terms}.visibility`]: 'a minute' }))).toEqual([`${terms}.visibility`]);
  });
});

test.each([null, 'x', [], {}, { broker: 1 }, { broker: { rotationTerms: [] } }])(
  'the shortest drain is that of the default terms where the file is %j',
  (file) => {
    expect(shortestDrain(file).ms).toBe(455_000);
  },
);

test('the shortest drain is the one that rotation reckons with, whatever the terms', () => {
  const ms = fc.integer({ min: 1, max: 900_000 });
  const lengths = fc.record({ visibility: ms, readAge: ms, clockSkew: ms, flight: ms, headerLifetime: ms });
  fc.assert(
    fc.property(lengths, ({ headerLifetime, ...others }) => {
      const rotationTerms = Object.fromEntries(Object.entries(others).map(([term, length]) => [term, `${length}ms`]));
      const file = { broker: { headerLifetime: `${headerLifetime}ms`, rotationTerms } };
      const expected = shortestDrainMs({
        visibilityMs: others.visibility,
        readAgeMs: others.readAge,
        skewMs: others.clockSkew,
        flightMs: others.flight,
        headerLifetimeMs: headerLifetime,
        propagationMs: 0,
        promiseMs: 0,
      });
      expect(shortestDrain(file).ms).toBe(expected);
    }),
  );
});
