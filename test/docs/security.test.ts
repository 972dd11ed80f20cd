import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const read = (file: string) => readFileSync(join(import.meta.dirname, '../..', file), 'utf8');

/** What stands under each heading of the policy. */
const sections = new Map(
  read('SECURITY.md')
    .split(/^## /m)
    .map((section) => [section.split('\n')[0] ?? '', section] as const),
);

describe('the security policy', () => {
  test('says which versions get fixes: the minor release of now, and no other', () => {
    const rows = (sections.get('Supported versions') ?? '').matchAll(/^\| (\d+\.\d+|older) +\| (yes|no) +\|$/gm);
    const { version } = JSON.parse(read('package.json')) as { version: string };
    expect(Array.from(rows, ([, each, fixes]) => [each, fixes])).toEqual([
      [version.split('.').slice(0, 2).join('.'), 'yes'],
      ['older', 'no'],
    ]);
  });

  test('says to whom to report, what, what never to send, when an answer comes, and what to do where a key is known', () => {
    const report = sections.get('Reporting a vulnerability') ?? '';
    for (const part of [
      /platform team .* privately/,
      /Never send a secret/,
      /within two working days/,
      /key-leaked\.md/,
    ]) {
      expect(report).toMatch(part);
    }
  });
});
