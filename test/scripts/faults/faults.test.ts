import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { toFaultFigures, toFaultTable } from '../../../scripts/faults/report.ts';
import { faults } from '../../faults/rows.ts';

const script = join(import.meta.dirname, '../../../scripts/faults.ts');
const run = (...args: string[]) => spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });

describe('npm run faults', () => {
  test('says what it does', () => {
    const { status, stdout } = run('--help');
    expect(status).toBe(0);
    expect(stdout).toContain('Usage: npm run faults');
  });

  test('knows its faults, and names them to whoever does not', () => {
    const { status, stderr } = run('--only', 'the moon falls');
    expect(status).toBe(2);
    expect(stderr).toContain('SIGTERM under load');
  });

  test('has no two faults of the same name', () => {
    expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
  });
});

test('the table has a row for each fault, and counts what is wrong', () => {
  const row = { fault: 'rain', warm: 'served', cold: '503', heals: 'at once', wrong: ['wet', 'cold'] };
  const figures = toFaultFigures([row, { ...row, fault: 'snow', wrong: [] }]);
  expect(figures.violations).toBe(2);
  expect(toFaultTable(figures)).toContain('| rain | served | 503 | at once |\n| snow | served | 503 | at once |\n');
  expect(toFaultTable(figures)).toContain('2 faults, 2 broken guarantees.');
});
