/** A part of the code, and the tests that must notice when it is changed. */
export type Area = {
  readonly name: string;
  /** Globs of what is changed; what begins with `!` is left to another area. */
  readonly mutate: readonly string[];
  /** Globs of the tests: in one process, and quick, because each change costs a run of those that import what is changed. */
  readonly tests: readonly string[];
  /** Ends of the names of tests that are left out all the same. */
  readonly without?: readonly string[];
  /** Percent: with fewer changes noticed the command fails. */
  readonly least: number;
};

const pureRotation = ['adopt', 'apply', 'decide', 'observation', 'plan', 'record', 'slot', 'steering', 'terms'];

/** Every route imports them, and what they say is made when they are loaded: among the tests of all routes each change would cost seconds. */
const texts = ['shared/http/problems.ts', 'shared/http/problems-page.ts'];

export const areas: readonly Area[] = [
  {
    name: 'rotation',
    mutate: pureRotation.map((name) => `shared/rotation/${name}.ts`),
    tests: ['test/shared/rotation/*.test.ts'],
    without: ['total.test.ts', 'reachable.test.ts', 'record-format.test.ts'],
    least: 90,
  },
  { name: 'callers', mutate: ['shared/callers/*.ts'], tests: ['test/shared/callers/*.test.ts'], least: 85 },
  { name: 'credentials', mutate: ['shared/credentials/*.ts'], tests: ['test/shared/credentials/*.test.ts'], least: 85 },
  {
    name: 'http',
    mutate: ['shared/http/*.ts', ...texts.map((file) => `!${file}`)],
    tests: ['test/shared/http/*.test.ts'],
    least: 85,
  },
  {
    name: 'contract',
    mutate: ['shared/http/contract/*.ts', ...texts],
    tests: ['test/shared/http/contract/*.test.ts', 'test/shared/http/{problems,public-routes}.test.ts'],
    least: 85,
  },
];
