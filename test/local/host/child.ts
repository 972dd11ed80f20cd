import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export const fixtureApp = join(import.meta.dirname, 'fixture-app');
const repository = join(import.meta.dirname, '../../..');
const main = join(repository, 'local/host/main.ts');

// Halves the time of a start: otherwise every one strips the types from every file.
const compileCache = join(repository, 'node_modules/.cache/node-compile-cache');

export type HostChild = {
  process: ChildProcess;
  url: string;
  port: number;
  stderr: () => string;
  /** Resolves with the whole of stderr once it matches. */
  stderrMatches(pattern: RegExp): Promise<string>;
  /** Exit code, or the signal that ended it. */
  exit: Promise<number | string>;
};

export type HostStart = { root?: string; args?: string[]; env?: Record<string, string>; ipc?: boolean };

const running = new Map<ChildProcess, Promise<unknown>>();

/** Starts the host's process, whether or not it will get ready. */
export function spawnHost({ root = fixtureApp, args = [], env = {}, ipc = true }: HostStart = {}): Omit<
  HostChild,
  'url' | 'port'
> {
  const child = spawn(process.execPath, [main, '--root', root, '--port', '0', ...args], {
    env: { PATH: process.env['PATH'] ?? '', NODE_COMPILE_CACHE: compileCache, TICK_SCHEDULE: '0 0 0 1 1 *', ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? ['ipc' as const] : [])],
  });
  const { stderr } = child;
  if (!stderr) throw new Error('The host has no stderr.');
  let text = '';
  // Not `close`, which does not come after a disconnect.
  const exit = Promise.all([once(child, 'exit'), once(stderr, 'end')]).then(([[code, signal]]) => {
    running.delete(child);
    return typeof code === 'number' ? code : String(signal);
  });
  running.set(child, exit);
  stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    child.emit('text');
  });
  const stderrMatches = async (pattern: RegExp): Promise<string> => {
    while (!pattern.test(text)) await once(child, 'text');
    return text;
  };
  return { process: child, stderr: () => text, stderrMatches, exit };
}

/** Starts the host and waits until it is ready. */
export async function startHost(options: HostStart = {}): Promise<HostChild> {
  const child = spawnHost(options);
  const ready = once(child.process, 'message').then(([message]: { url: string }[]) => message?.url);
  const url = await Promise.race([ready, child.exit]);
  if (typeof url !== 'string') throw new Error(`The host ended with ${url}: ${child.stderr()}`);
  return { ...child, url, port: Number(new URL(url).port) };
}

/** Ends what the tests left running. */
export async function endHosts(): Promise<void> {
  for (const child of running.keys()) child.kill('SIGKILL');
  await Promise.all(running.values());
}
