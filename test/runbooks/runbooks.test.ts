import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { build } from '../../scripts/build.ts';
import { folder, parsePage, readPage } from './page.ts';
import { walk } from './walk.ts';

/** The stack, the broker and each command are processes of their own, which take their time on a busy machine. */
const patient = 300_000;
jest.setTimeout(patient);

const files = readdirSync(folder).filter((file) => file.endsWith('.md') && file !== 'README.md');
/** What every page may take as set: `README.md` says what they are. */
const everywhere = Array.from(
  parsePage(readPage('README.md').text).text.matchAll(/^\| `([A-Z_]+)`/gm),
  ([, name = '']) => name,
);

describe('each runbook', () => {
  test.each(files)('%s is in the index, ends with what shows that it is over, and names what is to be set', (file) => {
    const page = readPage(file);
    expect(readPage('README.md').text).toContain(`](${file}`);
    expect(page.headings.at(-1)).toBe('It is over when');
    expect(page.text.slice(page.text.indexOf('## It is over when'))).toContain('```sh\n');
    expect(page.blocks.some(({ language }) => language === 'sh')).toBe(true);
    const named = new Set([...everywhere, ...page.sets]);
    expect(page.uses.filter((name) => !named.has(name))).toEqual([]);
    expect(page.sets.filter((name) => !page.text.includes(`$${name}`))).toEqual([]);
  });

  test('the index has no commands, which nobody would walk through', () => {
    expect(readPage('README.md').blocks).toEqual([]);
  });
});

describe('walked through against the stack', () => {
  beforeAll(() => build(), patient);
  test.each(files)('%s', (file) => walk(readPage(file)));
});
