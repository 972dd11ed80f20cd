import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';

/** One of Azurite's services, running in a process of its own on 127.0.0.1, with nothing on disk. */
export type Azurite = {
  port: number;
  /** Resolves when the process is gone. Can be called again. */
  close(): Promise<void>;
};

type Service = 'table' | 'blob';

/** What `startAzurite` takes. `certificate` names PEM files: with it the service speaks TLS, and takes bearer tokens. */
export type AzuriteOptions = {
  service: Service;
  directory: string;
  certificate?: { keyFile: string; certFile: string };
};

const resolver = createRequire(import.meta.url);
const preload = new URL('./azurite-child.ts', import.meta.url).href;

/** Starts a service on a free port. Rejects with what Azurite printed when it ends before it listens. */
export async function startAzurite({ service, directory, certificate }: AzuriteOptions): Promise<Azurite> {
  const main = resolver.resolve(`azurite/dist/src/${service}/main.js`);
  const child = fork(main, azuriteArguments(service, certificate), {
    cwd: directory,
    env: { PATH: process.env.PATH, HOME: directory, TMPDIR: directory },
    execArgv: ['--import', preload],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // In a group of its own: Ctrl-C in a terminal is for the parent, which ends it when nothing needs it any more.
    detached: true,
  });
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const port = await portOf(child);
  return {
    port,
    close: () => {
      child.kill('SIGKILL');
      return exited;
    },
  };
}

function azuriteArguments(service: Service, certificate: AzuriteOptions['certificate']): string[] {
  return [
    `--${service}Host=127.0.0.1`,
    `--${service}Port=0`,
    '--inMemoryPersistence',
    '--silent',
    '--disableTelemetry',
    '--skipApiVersionCheck',
    ...(certificate ? ['--oauth=basic', `--key=${certificate.keyFile}`, `--cert=${certificate.certFile}`] : []),
  ];
}

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let printed = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      printed = (printed + chunk.toString()).slice(-2_000);
    });
    child.once('error', reject);
    child.once('close', () => reject(new Error(`Azurite ended before it was ready. ${printed}`)));
    child.on('message', (message) => {
      if (typeof message === 'object' && message !== null && 'port' in message) resolve(Number(message.port));
    });
  });
}
