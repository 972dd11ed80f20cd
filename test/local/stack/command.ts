import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

/** A command of `local/` in a process of its own. */
export type Command = {
  /** Ends with the process; what it printed until then, and its exit code. */
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
  /** The first line that it prints on stdout. Rejects when it ends without one. */
  firstLine: Promise<string>;
  signal(name: NodeJS.Signals): void;
  /** Stops reading what it prints. */
  closeOutput(): void;
};

const running = new Set<ChildProcess>();

/** Ends what a test that failed has left running. */
export function endCommands(): void {
  for (const child of running) child.kill('SIGKILL');
}

const local = join(import.meta.dirname, '../../../local');

export function runCommand(name: 'start' | 'stack' | 'token', ...args: string[]): Command {
  const child = spawn(process.execPath, [join(local, `${name}.ts`), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.once('close', () => running.delete(child));
  let [stdout, stderr] = ['', ''];
  const firstLine = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (stdout.includes('\n')) resolve(stdout.slice(0, stdout.indexOf('\n')));
    });
    child.once('close', () => reject(new Error(`${name} ended without a line: ${stderr}`)));
  });
  firstLine.catch(() => {});
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    keep(chunk.toString());
  });
  return {
    ended: once(child, 'close').then(() => ({ code: child.exitCode, stdout, stderr })),
    firstLine,
    signal: (signal) => child.kill(signal),
    closeOutput: () => child.stdout.destroy(),
  };
}

/** Keeps what was printed for the search for canaries that ends the test run. */
function keep(text: string): void {
  const folder = process.env['BROKER_TEST_OUTPUT'];
  if (folder) appendFileSync(join(folder, `command-${process.pid}.log`), text);
}
