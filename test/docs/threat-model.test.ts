import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/threat-model.md'), 'utf8');

/** The rows of the tables that say what is attacked, and by what it is shown that it holds. */
const attacks = page
  .split(/^## /m)
  .filter((section) => /^\| attack +\|/m.test(section))
  .flatMap((section) => section.split('\n').filter((line) => line.startsWith('| ')))
  .filter((line) => !/^\| (attack +\||-)/.test(line));

test('each attack of the threat model is shown to fail by a test', () => {
  expect(attacks.length).toBeGreaterThan(30);
  expect(attacks.filter((row) => !/\]\(\.\.\/test\/[^)]+\)[^|]*\|$/.test(row))).toEqual([]);
});

test('the threat model has each group of attacks', () => {
  const groups = readdirSync(join(root, 'test/attacks/groups'));
  expect(groups.filter((file) => !page.includes(`test/attacks/groups/${file}`))).toEqual([]);
});
