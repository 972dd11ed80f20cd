import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { findCanaries } from '../../../scripts/canaries.ts';
import { BrokerError } from '../../../shared/errors.ts';
import { describeError } from '../../../shared/telemetry/redaction.ts';

const canary = 'CANARY0123456789';
const around = fc.string({ unit: fc.constantFrom('\n', ' ', ':', '/', '(', ')', 'at ', 'Error', ':1:1', 'x') });
const telling = fc.tuple(around, around).map(([before, after]) => before + canary + after);

test('an error is described without anything that is told in its message, name, stack, members or causes, whatever these are', () => {
  const parts = fc.record({
    message: telling,
    name: telling,
    code: telling,
    stack: fc.option(telling),
    ours: fc.boolean(),
  });
  fc.assert(
    fc.property(parts, fc.boolean(), ({ message, name, code, stack, ours }, renamed) => {
      const cause = Object.assign(new TypeError(message), { code, request: { body: message } });
      const error = ours ? new BrokerError('unexpected', { cause }) : new Error(message, { cause });
      if (renamed) Object.defineProperty(error, 'name', { value: name });
      if (stack !== null && !ours) error.stack = `Error: ${message}\n${stack}`;
      expect(findCanaries(JSON.stringify(describeError(Object.assign(error, { response: message }))))).toEqual([]);
    }),
    {
      numRuns: 500,
      examples: [[{ message: canary, name: canary, code: canary, stack: ` at ${canary}:1:1`, ours: false }, false]],
    },
  );
});
