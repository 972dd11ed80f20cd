import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCanaries } from './canaries.ts';

/**
 * Runs the tests, and then searches all that they and the brokers that they started have printed for the canaries of the local stack: every
 * secret there, and every token, begins with one.
 */
async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'broker-test-output-'));
  try {
    const { code, output } = await runJest(process.argv.slice(2), { BROKER_TEST_OUTPUT: folder });
    const files = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const);
    const leaks = [['jest', output] as const, ...files].flatMap(([name, text]) =>
      findCanaries(text).map((at) => `${name}: ${at}`),
    );
    const brokers = files.length === 1 ? '1 broker' : `${files.length} brokers`;
    if (leaks.length === 0) console.error(`No canary in the output of jest and ${brokers}.`);
    else console.error(`A secret was printed:\n  ${leaks.join('\n  ')}`);
    return leaks.length === 0 ? code : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Run = { code: number; output: string };

function runJest(args: string[], environment: Record<string, string>): Promise<Run> {
  const jest = spawn('jest', args, {
    stdio: ['inherit', 'pipe', 'pipe'],
    env: { ...process.env, ...environment, ...(process.stderr.isTTY ? { FORCE_COLOR: '1' } : {}) },
  });
  let output = '';
  jest.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    process.stdout.write(chunk);
  });
  jest.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    process.stderr.write(chunk);
  });
  return new Promise((resolve, reject) => {
    jest.on('error', reject);
    jest.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

process.exitCode = await main();
