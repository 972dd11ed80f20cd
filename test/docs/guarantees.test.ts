import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../..');
const docs = join(root, 'docs');
const page = readFileSync(join(docs, 'guarantees.md'), 'utf8');
const own = relative(root, import.meta.filename);

/** What stands under each of the page's headings. */
const sections = new Map(
  page.split(/^## /m).flatMap((section) => {
    const number = /^Guarantee (\d+)\n/.exec(section)?.[1];
    return number === undefined ? [] : [[Number(number), section] as const];
  }),
);

/** The tests that a guarantee's section links to. */
function linked(number: number): string[] {
  const links = Array.from((sections.get(number) ?? '').matchAll(/\]\((\.\.\/test\/[^)]+)\)/g), ([, link = '']) =>
    relative(root, resolve(docs, link)),
  );
  return [...new Set(links)].toSorted();
}

/** The tests that are named after a guarantee, by a title that ends in it, or as a group of attacks. */
function named(number: number): string[] {
  const name = new RegExp(`\\(guarantee ${number}\\)|\\bguarantee: ${number},`);
  return readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map((file) => join('test', file))
    .filter((file) => file.endsWith('.ts') && file !== own && name.test(readFileSync(join(root, file), 'utf8')))
    .toSorted();
}

test('there are eight guarantees, each one sentence or two', () => {
  expect([...sections.keys()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  for (const section of sections.values()) expect(section).toMatch(/^Guarantee \d\n\n\*\*[A-Z][^*]+\.\*\*\n/);
});

describe.each([...sections.keys()])('guarantee number %d', (number) => {
  test('has tests that are named after it, and links to each of them', () => {
    expect(linked(number)).not.toEqual([]);
    expect(linked(number)).toEqual(named(number));
  });
});

test('no test is named after a guarantee that there is not', () => {
  const numbers = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && join('test', file) !== own)
    .flatMap((file) => Array.from(readFileSync(join(root, 'test', file), 'utf8').matchAll(/\(guarantee (\d+)\)/g)))
    .map(([, number]) => Number(number));
  expect(numbers.filter((number) => !sections.has(number))).toEqual([]);
});
