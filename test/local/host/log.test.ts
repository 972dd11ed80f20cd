import { describe, expect, test } from '@jest/globals';
import { createLog, describeError, formatLine } from '../../../local/host/log.ts';

function collect(verbose: boolean) {
  const lines: string[] = [];
  return { lines, log: createLog(verbose, (line) => lines.push(line)) };
}

describe('a line', () => {
  test('has time, level, source and message, and is one line whatever the message holds', () => {
    const message = 'a\nb\r\n\tc\u001b[31m\u0000\u2028\u0085d\\n å';
    expect(formatLine(new Date(0), 'error', 'tick', message)).toBe(
      String.raw`1970-01-01T00:00:00.000Z error tick a\nb\r\n\tc\u001b[31m\u0000\u2028\u0085d\n å` + '\n',
    );
  });
});

describe('the log', () => {
  test('keeps the lines of the app, and the warnings and errors of the system', () => {
    const { lines, log } = collect(false);
    for (const level of ['trace', 'information', 'warning', 'error', 'critical', 'none'] as const) {
      log(level, 'user', 'app', 'own');
      log(level, 'system', 'app', 'system');
    }
    expect(lines.map((line) => line.trim().split(' ').slice(1).join(' '))).toEqual([
      'trace app own',
      'information app own',
      'warning app own',
      'warning app system',
      'error app own',
      'error app system',
      'critical app own',
      'critical app system',
    ]);
  });

  test('keeps the rest, too, when it is verbose', () => {
    const { lines, log } = collect(true);
    log('debug', 'system', 'app', 'system');
    expect(lines).toHaveLength(1);
  });
});

describe('an error', () => {
  test('is described by its stack and its causes, never by its members', () => {
    const error = Object.assign(new Error('outer', { cause: new Error('inner') }), { request: 'a secret' });
    const text = describeError(error);
    expect(text).toContain('Error: outer');
    expect(text).toContain('caused by Error: inner');
    expect(text).not.toContain('a secret');
  });

  test.each([
    ['text', 'text'],
    [{ secret: 1 }, 'threw a value of type object instead of an Error'],
    [undefined, 'threw a value of type undefined instead of an Error'],
    [null, 'threw null'],
  ])('%j that was thrown is described as %j', (thrown, expected) => {
    expect(describeError(thrown)).toBe(expected);
  });
});
