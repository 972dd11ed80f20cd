import { describe, expect, test } from '@jest/globals';
import { fullFile, leastFile, problemsOf } from './file.ts';

const valid = JSON.stringify(leastFile(), undefined, 2);

describe('the text of a file', () => {
  test.each([
    ['line comments', valid.replace('"apis"', '// what may be asked for\n"apis"')],
    ['block comments', `/* ours */${valid.replace('"apis"', '"apis" /* … */')}`],
    ['a byte order mark', `\uFEFF${valid}`],
    ['Windows line ends', valid.replaceAll('\n', '\r\n')],
    ['escapes in a name', valid.replaceAll('"core"', '"\\u0063ore"')],
  ])('may have %s', (_what, text) => {
    expect(problemsOf(text)).toEqual([]);
  });

  test.each([
    ['a comma at the end', '{\n  "broker": {},\n}', 'line 3, column 1'],
    ['a missing comma', '{\n  "broker": {}\n  "apis": {}\n}', 'line 3, column 3'],
    ['single quotes', "{ 'broker': {} }", 'line 1, column 3'],
    ['a word', '{\n\n    "broker": oops\n}', 'line 3, column 15'],
    ['a bracket left open', '{ "broker": {', 'line 1, column 14'],
    ['a second value', '{}\n{}', 'line 2, column 1'],
    ['NaN', '{ "broker": NaN }', 'line 1, column 13'],
    ['a text left open', '{ "broker": "x\n}', 'line 1, column 13'],
  ])('may not have %s, and the problem says where it is', (_what, text, place) => {
    expect(problemsOf(text)).toEqual([
      { path: place, problem: expect.stringMatching(/^is not JSON/), remedy: expect.stringMatching(/\S/) },
    ]);
  });

  test('has the place of a problem counted right behind a byte order mark', () => {
    expect(problemsOf('\uFEFF{\n  "broker": oops\n}')[0]?.path).toBe('line 2, column 13');
  });

  test.each([
    ['nothing', ''],
    ['blanks', ' \n '],
    ['a comment', '// later'],
    ['only a byte order mark', '\uFEFF'],
  ])('may not be %s', (_what, text) => {
    expect(problemsOf(text)).toEqual([
      {
        path: expect.stringMatching(/\S/),
        problem: expect.stringMatching(/^is /),
        remedy: expect.stringMatching(/\S/),
      },
    ]);
  });

  test.each(['null', '[]', '1', '"x"', 'true'])('is refused when it is %s', (text) => {
    expect(problemsOf(text)).toEqual([
      { path: 'the file', problem: 'is not an object', remedy: expect.stringMatching(/\S/) },
    ]);
  });
});

describe('a member that stands twice', () => {
  const text = JSON.stringify(fullFile());

  test.each([
    ['at the top', text.replace('"callers":', '"callers":{},"callers":'), 'callers'],
    ['in a group', text.replace('"billing":', '"billing":{},"billing":'), 'callers.billing'],
    ['in an entry', text.replace('"apis":["core"', '"apis":[],"apis":["core"'), 'callers.billing.apis'],
    ['spelt another way', text.replace('"okq8":', '"okq\\u0038":{},"okq8":'), 'clients.okq8'],
  ])('is refused %s', (_where, repeated, path) => {
    expect(problemsOf(repeated)).toEqual([{ path, problem: 'stands there twice', remedy: 'Keep one of them.' }]);
  });
});

describe('brackets in brackets', () => {
  test.each([
    ['left open', '['.repeat(20_000)],
    ['closed', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
    ['of objects', `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`],
    ['one level too deep', `${'['.repeat(101)}${']'.repeat(101)}`],
  ])('are refused by the thousands, and the parser lives: %s', (_what, text) => {
    expect(problemsOf(text)).toEqual([expect.objectContaining({ problem: 'nests deeper than 100 levels' })]);
  });

  test('are no matter in a text or a comment', () => {
    expect(problemsOf(`/* ${'['.repeat(200)} */ ${valid}`)).toEqual([]);
    expect(problemsOf(valid.replace('{', `{ "$schema": "${'['.repeat(200)}",`))).toEqual([]);
  });

  test('may be a hundred levels', () => {
    const problems = problemsOf(`${'['.repeat(100)}${']'.repeat(100)}`);
    expect(problems.map(({ problem }) => problem)).not.toContain('nests deeper than 100 levels');
  });
});
