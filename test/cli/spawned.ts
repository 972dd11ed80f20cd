import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

/** The command line in a process of its own. */
export type Spawned = {
  /** What it printed until it ended, and how it ended: by itself, or by a signal. */
  readonly ended: Promise<{ code: number | string | null; stdout: string; stderr: string }>;
  readonly child: ChildProcess;
  /** Resolves once this has been printed. Rejects when it ends before. */
  printed(text: string | RegExp): Promise<void>;
};

const main = join(import.meta.dirname, '../../cli/main.ts');
const running = new Set<ChildProcess>();

/** Ends what a test that failed has left running. */
export function endSpawned(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Runs it with nothing of this process's environment but where programs are. */
export function spawnCli(args: readonly string[], environment: Record<string, string> = {}): Spawned {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => void (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => void (stderr += chunk.toString()));
  const ended = once(child, 'close').then(() => {
    running.delete(child);
    keep(`${stdout}\n${stderr}\n`);
    return { code: child.exitCode ?? child.signalCode, stdout, stderr };
  });
  const has = (text: string | RegExp) => (typeof text === 'string' ? stdout.includes(text) : text.test(stdout));
  return {
    ended,
    child,
    printed: (text) =>
      new Promise((resolve, reject) => {
        const look = () => void (has(text) && resolve());
        child.stdout.on('data', look);
        void ended.then(() => reject(new Error(`It ended first: ${stderr}`)));
        look();
      }),
  };
}

/** Keeps what was printed for the search for canaries that ends the test run. */
export function keep(text: string): void {
  const folder = process.env['BROKER_TEST_OUTPUT'];
  if (folder) appendFileSync(join(folder, `cli-${process.pid}.log`), text);
}
