import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readOptions } from '../../../local/host/options.ts';
import { StartError } from '../../../local/host/start-error.ts';

describe('the options', () => {
  test('have defaults', () => {
    expect(readOptions([])).toEqual({
      root: '.',
      port: 7071,
      key: undefined,
      state: undefined,
      signIn: false,
      verbose: false,
      help: false,
    });
  });

  test('are read, the state file from the folder that the host is started in', () => {
    expect(
      readOptions(['--root', 'x', '--port', '0', '--key', 'k', '--state', 'f', '--sign-in', '--verbose', '-h']),
    ).toEqual({
      root: 'x',
      port: 0,
      key: 'k',
      state: resolve('f'),
      signIn: true,
      verbose: true,
      help: true,
    });
  });

  test.each([
    [['--port', 'x'], '--port takes a number'],
    [['--port', '65536'], '--port takes a number'],
    [['--port', ''], '--port takes a number'],
    [['--key', ''], '--key takes a key'],
    [['--key'], '--key'],
    [['--nope'], '--nope'],
    [['stray'], 'stray'],
  ])('%j are refused', (args, reason) => {
    expect(() => readOptions(args)).toThrow(StartError);
    expect(() => readOptions(args)).toThrow(reason);
  });
});
