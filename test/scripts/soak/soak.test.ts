import { execFile, type ExecFileException } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Outcome } from '../../../scripts/soak/report.ts';

const script = join(import.meta.dirname, '../../../scripts/soak.ts');

type Ran = { code: number; stdout: string; stderr: string };

function run(...args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], (error: ExecFileException | null, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
    });
  });
}

test('npm run soak says what it does, and what is wrong with its options', async () => {
  expect(await run('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('Usage: npm run soak') });
  expect(await run('--hours', 'many')).toMatchObject({ code: 2, stderr: expect.stringContaining('--hours takes') });
  expect(await run('--seed', '1.5')).toMatchObject({ code: 2, stderr: expect.stringContaining('--seed takes') });
});

test('Some seconds of it hand out, refuse and use, with everything on record and nothing violated', async () => {
  const { stdout, stderr } = await run('--hours', '0.0015', '--seed', '8', '--json');
  const outcome: Outcome = JSON.parse(stdout || '{}');
  // What it found stands there.
  expect({ violations: outcome.violations, stderr }).toEqual({ violations: {}, stderr: expect.any(String) });
  expect(outcome.handOuts).toBeGreaterThan(20);
  expect(outcome.handOutsOnRecord).toBe(outcome.handOuts);
  expect(outcome.refusals['401 invalid-token']).toBeGreaterThan(0);
  expect(outcome.reasons['signature']).toBeGreaterThan(0);
  expect(outcome.faults).toBeGreaterThan(0);
  expect(outcome.heap?.last).toBeGreaterThan(1_000_000);
}, 120_000);
