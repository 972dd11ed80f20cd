import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { privateFolder } from '../../shared/private-folder.ts';

const uid = process.getuid?.();
let parent: string;
let expected: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'private-folder-'));
  expected = join(parent, `compiled-${uid}`);
});
afterEach(() => rmSync(parent, { recursive: true }));

test('a folder is made that nobody else may read or write, and is the same the next time', () => {
  expect(privateFolder(parent, 'compiled', uid)).toBe(expected);
  expect(statSync(expected).mode & 0o777).toBe(0o700);
  expect(privateFolder(parent, 'compiled', uid)).toBe(expected);
});

test.each([
  ['others may write to', () => mkdirSync(expected) ?? chmodSync(expected, 0o722)],
  ['others may read', () => mkdirSync(expected) ?? chmodSync(expected, 0o755)],
  ['leads elsewhere', () => symlinkSync(mkdtempSync(join(parent, 'elsewhere-')), expected)],
  ['is a file', () => writeFileSync(expected, '')],
  ['cannot be made', () => rmSync(parent, { recursive: true }) ?? writeFileSync(parent, '')],
])('one that %s is none', (_what, prepare) => {
  prepare();
  expect(privateFolder(parent, 'compiled', uid)).toBeUndefined();
});

test('one of another user’s is none, whatever its mode', () => {
  const other = (uid ?? 0) + 1;
  mkdirSync(join(parent, `compiled-${other}`), { mode: 0o700 });
  expect(privateFolder(parent, 'compiled', other)).toBeUndefined();
});

test('where there are no user ids, the parent is the user’s own', () => {
  expect(privateFolder(parent, 'compiled', undefined)).toBe(join(parent, 'compiled'));
});
