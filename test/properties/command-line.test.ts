import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import * as z from 'zod/mini';
import { readArguments, splitCommand } from '../../cli/arguments.ts';
import { readAnswer } from '../../cli/connection/answer.ts';
import { Failure } from '../../cli/failure.ts';
import { anyText, json, madeOf, some } from './arbitraries.ts';

const command = {
  name: 'rotation pause',
  operands: ['SUBSCRIPTION'],
  options: { reason: { type: 'string', help: '' }, yes: { type: 'boolean', help: '' } },
} as const;
const values = fc.record(
  { reason: anyText, yes: fc.constant(true), json: fc.constant(true) },
  { requiredKeys: [], noNullPrototype: true },
);

/** What is read, or why not, in words. */
function orFailure<T>(read: () => T): T | Failure {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Failure) || error.message === '') throw error;
    return error;
  }
}

describe('a command line', () => {
  test('is read as it was written, whatever its values are', () => {
    fc.assert(
      fc.property(values, anyText, (given, operand) => {
        const options = Object.entries(given).map(([name, value]) =>
          value === true ? `--${name}` : `--${name}=${value}`,
        );
        const read = readArguments(command, [...options, '--', operand]);
        expect([{ ...read.values }, read.operands]).toEqual([given, [operand]]);
      }),
      some,
    );
  });

  test('is understood, or refused with what to do', () => {
    const word = fc.oneof(
      madeOf('-', '--', '=', 'reason', 'yes', 'y', ' ', 'é'),
      anyText,
      fc.constantFrom('--reason', '--yes', '--json', '--'),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (args) => {
        const read = orFailure(() => readArguments(command, args));
        expect(read instanceof Failure || read.operands.length === 1).toBe(true);
        expect(splitCommand(args).rest(0)).toEqual(args);
      }),
      some,
    );
  });

  test('has its command found wherever global options stand', () => {
    const option = fc.constantFrom('--json', '--local', '--url=https://a.example', '--as=auditor');
    fc.assert(
      fc.property(fc.array(option, { maxLength: 3 }), fc.array(option, { maxLength: 3 }), (before, between) => {
        const { words, rest } = splitCommand([...before, 'rotation', ...between, 'pause', 'okq8-core']);
        expect(words).toEqual(['rotation', 'pause', 'okq8-core']);
        expect(rest(2)).toEqual([...before, ...between, 'okq8-core']);
      }),
      some,
    );
  });
});

test('what a broker answers is read, or told in words that a terminal does not obey', () => {
  const schema = z.strictObject({ a: z.number() });
  const asked = { url: 'https://broker.example', auth: 'cli', ask: { path: '/v1/status' } } as const;
  const problem = fc.record({
    type: fc.webUrl(),
    title: anyText,
    status: fc.nat(),
    detail: anyText,
    code: fc.constantFrom('conflict', 'invalid-request', 'upstream-unavailable', 'internal-error', 'x'),
    requestId: fc.uuid(),
  });
  const body = fc.oneof(
    anyText,
    fc.json(),
    json.map((a) => JSON.stringify({ a })),
    problem.map((each) => JSON.stringify(each)),
  );
  // oxlint-disable-next-line no-control-regex -- these are what must not be there
  const obeyed = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
  fc.assert(
    fc.property(
      fc.constantFrom(200, 204, 301, 400, 401, 403, 404, 409, 429, 500, 502, 503),
      body,
      anyText,
      (status, text, location) => {
        const headers = new Headers({ 'retry-after': '5', location: encodeURI(location.toWellFormed()) });
        const read = orFailure(() => readAnswer({ status, headers, text }, schema, asked));
        const told = read instanceof Failure ? [read.message, ...read.advice] : [];
        expect(told.filter((line) => obeyed.test(line))).toEqual([]);
        expect(read instanceof Failure || typeof read.a === 'number').toBe(true);
      },
    ),
    some,
  );
});
