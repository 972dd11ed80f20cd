import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Cleanup } from '../../local/stack/cleanup.ts';
import type { ProfileKind, Question } from './report-processor.ts';

type Options = {
  /** The app's folder. */
  root: string;
  settings: Readonly<Record<string, string>>;
  /** Of Node.js, such as what is to be loaded before the host. */
  execArgv?: readonly string[];
};

/** An app in the local Functions host, in a process of its own. What it logs goes nowhere, at the cost of a write. */
export type HostProcess = {
  readonly url: string;
  /** What it has taken of the processor so far, in microseconds. */
  cpu(): Promise<number>;
  /** Has a profile written of what it does meanwhile. */
  profile(kind: ProfileKind, file: string, meanwhile: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
};

const hostMain = join(import.meta.dirname, '../../local/host/main.ts');
const reporter = join(import.meta.dirname, 'report-processor.ts');

/** Starts it; resolves when it serves. */
export async function startHostProcess(
  { root, settings, execArgv = [] }: Options,
  cleanup: Cleanup,
): Promise<HostProcess> {
  const { PATH, HOME, TMPDIR } = process.env;
  const child = fork(hostMain, ['--root', root, '--port', '0'], {
    env: { PATH, HOME, TMPDIR, ...settings },
    execArgv: ['--import', reporter, ...execArgv],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
  };
  cleanup.add(stop, () => child.kill('SIGKILL'));
  const ended = exited.then(() => Promise.reject(new Error('The host ended.')));
  ended.catch(() => {});
  const { url } = (await Promise.race([hear(child, 'url'), ended])) as { url: string };
  const ask = (question: Question, member: string) => {
    child.send(question);
    return Promise.race([hear(child, member), ended]);
  };
  return {
    url,
    stop,
    cpu: async () => {
      const { cpu } = (await ask('cpu', 'cpu')) as { cpu: NodeJS.CpuUsage };
      return cpu.user + cpu.system;
    },
    profile: async (kind, file, meanwhile) => {
      await ask({ profile: kind }, 'profiling');
      await meanwhile();
      await ask({ kind, profileTo: file }, 'profiled');
    },
  };
}

function hear(child: ChildProcess, member: string): Promise<object> {
  return new Promise((resolve) => {
    const listen = (message: unknown): void => {
      if (typeof message !== 'object' || message === null || !(member in message)) return;
      child.off('message', listen);
      resolve(message);
    };
    child.on('message', listen);
  });
}
