import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { breakDefence } from '../../../scripts/attack/copy.ts';
import { sabotages } from '../../../scripts/attack/sabotages.ts';
import { groups } from '../../attacks/groups.ts';

const root = join(import.meta.dirname, '../../..');

describe('a defence that “npm run attack -- --sabotage” takes away', () => {
  test.each(sabotages.map((sabotage) => [sabotage.defence, sabotage] as const))(
    'stands where it is looked for: %s',
    (_defence, sabotage) => {
      const whole = readFileSync(join(root, sabotage.file), 'utf8');
      const broken = breakDefence(whole, sabotage);
      expect(broken).not.toBe(whole);
      expect(broken).toContain(sabotage.to);
    },
  );

  test('is looked for by attacks that there are', () => {
    const names = new Set(groups.map(({ name }) => name));
    const unknown = sabotages.flatMap((sabotage) => sabotage.groups.filter((name) => !names.has(name)));
    expect(unknown).toEqual([]);
  });

  test.each(groups.map(({ name }) => name))('is among the ones that “%s” notices', (name) => {
    expect(sabotages.filter((sabotage) => sabotage.groups.includes(name))).not.toEqual([]);
  });

  test.each([0, 2])('is not looked for where its text stands %d times', (times) => {
    const sabotage = { defence: 'a lock', file: 'door.ts', from: 'lock()', to: '', groups: [] };
    expect(() => breakDefence('lock(); '.repeat(times), sabotage)).toThrow(
      `Cannot take away “a lock”: its text stands ${times} times in door.ts.`,
    );
  });
});
