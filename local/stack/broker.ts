import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock } from '../../shared/clock.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Cleanup } from './cleanup.ts';

/** What `startBroker` takes. `root` is the app's folder; with port 0 it listens on any free one. */
export type BrokerOptions = {
  root: string;
  port: number;
  settings: Readonly<Record<string, string>>;
  /** Whether the host plays App Service authentication, so that people can sign in. */
  isSignInOn?: boolean;
  /** Told when the process ends without being asked to, once it has served. */
  onEnd: (how: string) => void;
  /** Given each line that it prints, in place of stderr. */
  onLine?: (line: string) => void;
  clock?: Clock;
};

/** The broker in the Functions host, in a process of its own that sees nothing of this one's environment but where programs and its home are. */
export type Broker = {
  url: string;
  /** Lets it drain, for 4.6 s at most. */
  stop(): Promise<void>;
  /** Ends it as a crash would (SIGKILL). */
  kill(): Promise<void>;
  /** Starts it again on the same port. Stops it first if it still runs. */
  restart(): Promise<void>;
};

const hostMain = join(import.meta.dirname, '../host/main.ts');
/** The host gives up what is under way after 4.5 s. */
const graceMs = 4_600;

type Running = { child: ChildProcess; exited: Promise<void>; isServing: boolean };

/** Starts the broker; resolves when it serves. What it prints goes to stderr, unless somebody reads it. */
export async function startBroker(options: BrokerOptions, cleanup: Cleanup): Promise<Broker> {
  const { clock = systemClock } = options;
  let running = run(options, options.port);

  const stop = async (): Promise<void> => {
    const { child, exited } = running;
    running.isServing = false;
    child.kill('SIGTERM');
    const cancel = clock.after(graceMs, () => child.kill('SIGKILL'));
    await exited;
    cancel();
  };
  cleanup.add(stop, () => running.child.kill('SIGKILL'));
  const url = await serving(running);

  return {
    url,
    stop,
    kill: () => {
      running.isServing = false;
      running.child.kill('SIGKILL');
      return running.exited;
    },
    restart: async () => {
      await stop();
      running = run(options, Number(new URL(url).port));
      await serving(running);
    },
  };
}

function run({ root, settings, isSignInOn = false, onEnd, onLine }: BrokerOptions, port: number): Running {
  // The last two are how an editor's debugger follows from process to process.
  const { PATH, HOME, TMPDIR, NODE_OPTIONS, VSCODE_INSPECTOR_OPTIONS } = process.env;
  const child = fork(hostMain, ['--root', root, '--port', String(port), ...(isSignInOn ? ['--sign-in'] : [])], {
    env: { PATH, HOME, TMPDIR, NODE_OPTIONS, VSCODE_INSPECTOR_OPTIONS, ...settings },
    execArgv: [],
    // What it prints is for people: stdout is the ready line's alone.
    stdio: onLine ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', process.stderr, process.stderr, 'ipc'],
    // In a group of its own: Ctrl-C in a terminal is for the parent, which lets it drain first.
    detached: true,
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream && onLine) createInterface({ input: stream }).on('line', onLine);
  }
  const running: Running = { child, exited, isServing: false };
  child.once('exit', (code, signal) => {
    if (running.isServing) onEnd(signal ?? `exit code ${code}`);
  });
  return running;
}

async function serving(running: Running): Promise<string> {
  const { child, exited } = running;
  const url = await new Promise<string>((resolve, reject) => {
    child.on('message', (message) => {
      if (typeof message === 'object' && message !== null && 'url' in message) resolve(String(message.url));
    });
    void exited.then(() => reject(new Error('The broker ended before it was ready; what it printed says why.')));
  });
  running.isServing = true;
  return url;
}
