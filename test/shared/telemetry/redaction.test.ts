import { describe, expect, test } from '@jest/globals';
import { BrokerError } from '../../../shared/errors.ts';
import { Secret } from '../../../shared/secret.ts';
import { describeError } from '../../../shared/telemetry/redaction.ts';

const canary = 'CANARYfeedface';

/** An error that carries a secret in every place that those of SDKs were seen to. */
function leakyError(): Error {
  const cause = Object.assign(new Error(canary), { body: canary });
  const error = Object.assign(new TypeError(`request failed: ${canary}`, { cause }), {
    code: canary,
    statusCode: 401,
    request: { headers: { authorization: `Bearer ${canary}` }, body: canary },
    response: { bodyAsText: canary },
    details: { error: { message: canary } },
    [canary]: canary,
  });
  return error;
}

describe('what is said of an error (guarantee 3)', () => {
  test('that is ours is its code and reason, whatever its cause and stack say', () => {
    const error = new BrokerError('entra-secret-wrong', { cause: leakyError(), retryAfterMs: 5 });
    expect(describeError(error)).toEqual({ code: 'upstream-rejected', reason: 'entra-secret-wrong' });
  });

  test('that is not ours is its type and where it was thrown', () => {
    expect(describeError(leakyError())).toEqual({
      type: 'TypeError',
      frames: expect.stringMatching(/^at leakyError \(.*redaction\.test\.ts.*\) < at /),
    });
  });

  test.each<[string, () => unknown]>([
    ['its message', () => new Error(canary)],
    ['a message of several lines', () => new Error(`first\n${canary}\nlast ${canary}`)],
    ['its properties and cause', leakyError],
    ['its name', () => Object.assign(new Error('x'), { name: `${canary} 1` })],
    ['a name of several lines', () => Object.assign(new Error('x'), { name: `Error\n${canary}` })],
    ['an aggregate’s errors', () => new AggregateError([leakyError()], canary)],
    ['itself, as a text', () => canary],
    ['itself, as an object', () => ({ message: canary, name: canary, stack: `\n    at ${canary}` })],
    ['a secret', () => new Secret(canary)],
    ['a function’s name', () => () => canary],
  ])('never tells %s', (_what, make) => {
    expect(JSON.stringify(describeError(make()))).not.toContain('CANARY');
  });

  const stackLike = `Upstream said:\n    at handler (/app/${canary}.js:1:1)\n    at ${canary}`;
  test('never tells a message that looks like a stack', () => {
    const described = describeError(new Error(stackLike));
    expect(JSON.stringify(described)).not.toContain('CANARY');
    expect(described['frames']).toContain('redaction.test.ts');
  });

  /** The stack is written down, message and all, when it is first looked at. */
  const changedTo = (message: string) => {
    const error = new Error(stackLike);
    expect(error.stack).toContain(canary);
    error.message = message;
    return JSON.stringify(describeError(error));
  };

  test('never tells a message that was changed after the stack was written', () => {
    expect(changedTo('changed')).not.toContain('CANARY');
  });

  test.each(['', 'Upstream', 'E'])(
    'never tells a message that was changed to %j after the stack was written',
    (message) => {
      expect(changedTo(message)).not.toContain('CANARY');
    },
  );

  test.each<[unknown, string]>([
    ['text', 'string'],
    [1, 'number'],
    [undefined, 'undefined'],
    [null, 'object'],
    [Symbol('x'), 'symbol'],
  ])('that is no error (%p) is its type', (thrown, type) => {
    expect(describeError(thrown)).toEqual({ type });
  });

  test('of an unusual name is that it is an error', () => {
    expect(describeError(Object.assign(new Error('x'), { name: 'no name/1' }))).toMatchObject({ type: 'Error' });
  });

  test('without a stack has no frames', () => {
    const error = new Error('x');
    delete error.stack;
    expect(describeError(error)).toEqual({ type: 'Error', frames: '' });
  });
});
