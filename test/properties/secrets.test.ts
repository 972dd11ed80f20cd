import { inspect, format } from 'node:util';
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { findCanaries } from '../../scripts/canaries.ts';
import { BrokerError } from '../../shared/errors.ts';
import { Secret } from '../../shared/secret.ts';
import { describeError } from '../../shared/telemetry/redaction.ts';
import { anyText, some } from './arbitraries.ts';

const telling = fc.tuple(anyText, anyText).map(([before, after]) => `${before}CANARY0123456789${after}`);

test('a secret is opened as it is, and told by nothing else, wherever it stands', () => {
  fc.assert(
    fc.property(telling, fc.constantFrom('key', 'headers', 'cause'), (text, name) => {
      const secret = new Secret(text);
      expect(secret.open()).toBe(text);
      const within = { [name]: [secret, new Map([[name, secret]])] };
      const shown = [
        String(secret),
        `${name}${secret.toString()}`,
        JSON.stringify(within),
        inspect(within, { depth: 9, showHidden: true }),
        format('%s %j %o', secret, within, within),
      ];
      expect(findCanaries(shown.join('\n'))).toEqual([]);
    }),
    some,
  );
});

test('whatever was thrown, of however many causes, is described without what it says', () => {
  const thrown = fc.letrec<{ thrown: unknown }>((tie) => ({
    thrown: fc.oneof(
      { maxDepth: 4 },
      telling,
      fc.record({ message: telling, code: telling, cause: tie('thrown') }),
      fc.tuple(telling, tie('thrown')).map(([message, cause]) => new TypeError(message, { cause })),
      fc
        .tuple(telling, tie('thrown'))
        .map(([message, cause]) => new AggregateError([cause, message], message, { cause })),
      tie('thrown').map((cause) => new BrokerError('vault-unavailable', { cause })),
    ),
  })).thrown;
  fc.assert(
    fc.property(thrown, (error) => {
      expect(findCanaries(JSON.stringify(describeError(error)))).toEqual([]);
    }),
    some,
  );
});
