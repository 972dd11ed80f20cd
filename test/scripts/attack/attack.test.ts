import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { toFigures, toProofTable, toTable } from '../../../scripts/attack/report.ts';
import { groups } from '../../attacks/groups.ts';

const script = join(import.meta.dirname, '../../../scripts/attack.ts');
const run = (...args: string[]) => spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });

describe('npm run attack', () => {
  test('says what it does', () => {
    const { status, stdout } = run('--help');
    expect(status).toBe(0);
    expect(stdout).toContain('Usage: npm run attack');
    expect(stdout).toContain('--sabotage');
  });

  test('knows its groups, and names them to whoever does not', () => {
    const { status, stderr } = run('--group', 'Nothing');
    expect(status).toBe(2);
    for (const { name } of groups) expect(stderr).toContain(name);
  });

  test('has 150 attacks at least, of which no two of a group have the same name', () => {
    expect(toFigures(groups, []).cases).toBeGreaterThan(150);
    for (const { rows, sieges = [] } of groups) {
      const names = [...rows, ...sieges].map(([name]) => name);
      expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
    }
  });
});

describe('the table', () => {
  const [group] = groups;

  test('counts what came through, by group and in all', () => {
    const figures = toFigures(group ? [group] : [], [{ group: group?.name ?? '', attack: 'x', wrong: ['y'] }]);
    expect(figures).toMatchObject({ failures: 1, groups: [{ failures: 1 }] });
    expect(toTable(figures)).toMatch(/^ {2}group .*\n {2}JWT forgery +\d+ +1\n {2}all +\d+ +1\n$/);
  });

  test('of defences says which were missed', () => {
    const proofs = [
      { defence: 'a lock', failures: 2, outcome: 'caught' },
      { defence: 'a bolt', failures: undefined, outcome: 'NOT RUN' },
    ] as const;
    expect(toProofTable(proofs)).toContain('a lock');
    expect(toProofTable(proofs)).toMatch(/a bolt +- +NOT RUN\n/);
  });
});
