import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createCleanup } from '../../../local/stack/cleanup.ts';
import { keepUploaded } from '../../../local/stack/keep-uploaded.ts';
import { eventually } from '../../support/broker-on-stack.ts';

let folder: string;
let file: string;
let cleanup: ReturnType<typeof createCleanup>;
const [puts, told]: [string[], string[]] = [[], []];

beforeEach(async () => {
  [puts.length, told.length] = [0, 0];
  folder = mkdtempSync(join(tmpdir(), 'broker-upload-'));
  file = join(folder, 'mine.json');
  writeFileSync(file, 'one');
  cleanup = createCleanup();
  await keepUploaded(
    file,
    { put: async (text) => void puts.push(text) },
    { cleanup, tell: (line) => void told.push(line) },
  );
});
afterEach(async () => {
  await cleanup.close();
  rmSync(folder, { recursive: true });
});

test('uploads a file at once, and says nothing of it', () => {
  expect([puts, told]).toEqual([['one'], []]);
});

test('uploads it again when it was saved in place, or put in its place', async () => {
  writeFileSync(file, 'two');
  await eventually(() => puts.at(-1) === 'two');
  writeFileSync(join(folder, 'new'), 'three');
  renameSync(join(folder, 'new'), file);
  await eventually(() => told.length > 0 && puts.at(-1) === 'three');
  expect(told.at(-1)).toMatch(/^Uploaded mine\.json;/);
});

test('passes over other files, and over a save that changes nothing', async () => {
  writeFileSync(join(folder, 'other.json'), 'other');
  writeFileSync(file, 'one');
  writeFileSync(file, 'two');
  await eventually(() => puts.at(-1) === 'two');
  expect(puts.filter((text) => text === 'one')).toHaveLength(1);
  expect(puts).not.toContain('other');
});
