import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buildClient } from '../../scripts/build-client.ts';
import type { BrokerOnStack } from '../support/broker-on-stack.ts';
import { startApi } from '../support/call-host.ts';
import { serveBroker } from '../support/serve-broker.ts';

const root = join(import.meta.dirname, '../..');

/** An example in a process of its own. */
export type Process = {
  /** What it printed, line by line. */
  readonly lines: string[];
  readonly ended: Promise<{ code: number | null; stderr: string }>;
  /** Waits until it has printed so many lines more. Rejects when it ends before. */
  more(count: number): Promise<void>;
  /** Moves its clocks. */
  move(ms: number): void;
  kill(): void;
};

/** The place of an internal service: an identity, a broker, and the client’s package. */
export type Service = {
  /** What the platform and the deployment put into its environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Runs `examples/node` there. */
  runNode(...args: string[]): Process;
  run(command: string, args: string[], environment?: Readonly<Record<string, string>>): Process;
  close(): Promise<void>;
};

export async function openService(on: BrokerOnStack, caller: string): Promise<Service> {
  const folder = await mkdtemp(join(tmpdir(), 'service-'));
  const packages = join(folder, 'node_modules');
  await mkdir(packages);
  await Promise.all([
    buildClient(join(packages, 'okq8-token-broker')),
    symlink(join(root, 'node_modules/@azure'), join(packages, '@azure')),
    cp(join(root, 'examples/node'), folder, { recursive: true }),
  ]);
  const broker = await serveBroker(on);
  // App Service’s protocol. What has so little left is asked for again each time.
  const identity = await startApi((_, response) => {
    const expires_on = String(Math.floor(Date.now() / 1_000) + 60);
    const answer = (access_token: string): void => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ access_token, expires_on, resource: 'api://token-broker', token_type: 'Bearer' }));
    };
    void on.token(caller).then(answer);
  });
  const environment = {
    BROKER_URL: broker.url,
    IDENTITY_ENDPOINT: `http://127.0.0.1:${identity.port}/msi/token`,
    IDENTITY_HEADER: 'CANARY-identity-header',
  };
  const processes: Process[] = [];
  const run: Service['run'] = (command, args, more = {}) => {
    const started = start(command, args, folder, { ...environment, ...more });
    processes.push(started);
    return started;
  };
  return {
    environment,
    run,
    runNode: (...args) =>
      run(process.execPath, ['--import', join(import.meta.dirname, 'moved-clock.mjs'), 'main.mjs', ...args]),
    close: async () => {
      for (const each of processes) each.kill();
      await Promise.all(processes.map(({ ended }) => ended));
      await Promise.all([broker.close(), identity.close(), rm(folder, { recursive: true, force: true })]);
    },
  };
}

function start(command: string, args: string[], cwd: string, environment: Readonly<Record<string, string>>): Process {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(command, args, { cwd, env: { PATH, HOME, ...environment } });
  const lines: string[] = [];
  let stderr = '';
  let isOver = false;
  let tell = (): void => {};
  child.stdin.on('error', () => {});
  const reader = createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    keep(line);
    tell();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    keep(chunk.toString());
  });
  const ended = Promise.all([once(child, 'close'), once(reader, 'close')]).then(() => {
    isOver = true;
    tell();
    return { code: child.exitCode, stderr };
  });
  return {
    lines,
    ended,
    more: (count) => {
      const wanted = lines.length + count;
      return new Promise((resolve, reject) => {
        tell = () => {
          if (lines.length >= wanted) resolve();
          else if (isOver) reject(new Error(`It ended: ${stderr}`));
        };
        tell();
      });
    },
    move: (ms) => void child.stdin.write(`${ms}\n`),
    kill: () => void child.kill('SIGKILL'),
  };
}

/** Keeps what was printed for the search for canaries that ends the test run. */
function keep(text: string): void {
  const folder = process.env['BROKER_TEST_OUTPUT'];
  if (folder) appendFileSync(join(folder, `example-${process.pid}.log`), `${text}\n`);
}
