import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AuditRecord } from '../../shared/telemetry/audit.ts';
import { startHost } from '../local/host/child.ts';
import { send, type Answer, type Sent } from './wire.ts';

/** How many entries all maps and sets of a process hold, and how many bytes its heap has in use, once garbage is collected. */
type Weight = { readonly entries: number; readonly heap: number };

/** The app in the Functions host, in a process of its own. */
export type App = {
  readonly port: number;
  ask(sent: Sent): Promise<Answer>;
  /** The audit records of a request. All that it left is there once it was answered. */
  recordsOf(requestId: string): Promise<readonly AuditRecord[]>;
  /** All audit records so far. */
  records(): Promise<readonly AuditRecord[]>;
  /** All that the process has printed: its log, and whatever else. */
  printed(): string;
  weigh(): Promise<Weight>;
  stop(): Promise<void>;
};

type Start = { root: string; settings: Readonly<Record<string, string>>; isSignInOn?: boolean };

const probe = pathToFileURL(join(import.meta.dirname, 'probe.ts')).href;

export async function startApp({ root, settings, isSignInOn = false }: Start): Promise<App> {
  const env = { ...settings, NODE_OPTIONS: `--import ${probe} --disable-warning=ExperimentalWarning` };
  const host = await startHost({ root, args: isSignInOn ? ['--sign-in'] : [], env });
  const lines = host.stderr().split('\n');
  const strays: string[] = [];
  const records = new Map<string, AuditRecord[]>();
  host.process.stderr?.on('data', (chunk: string) => {
    // The end of a line may come with the next chunk.
    const [first = '', ...others] = chunk.split('\n');
    lines.push(`${lines.pop() ?? ''}${first}`, ...others);
  });
  host.process.stdout?.on('data', (chunk: Buffer) => strays.push(String(chunk)));
  let read = 0;
  const readLines = () => {
    for (const line of lines.slice(read, -1)) readRecord(line, records);
    read = Math.max(read, lines.length - 1);
  };

  return {
    port: host.port,
    ask: (sent) => send(host.port, sent),
    recordsOf: async (requestId) => {
      await nextTurn();
      readLines();
      return records.get(requestId) ?? [];
    },
    records: async () => {
      await nextTurn();
      readLines();
      return [...records.values()].flat();
    },
    printed: () => [...lines, ...strays].join('\n'),
    weigh: async () => {
      const weighed = once(host.process, 'message');
      host.process.send('weigh');
      const [weight] = (await weighed) as [Weight];
      return weight;
    },
    stop: async () => {
      host.process.kill('SIGKILL');
      await host.exit;
    },
  };
}

function readRecord(line: string, records: Map<string, AuditRecord[]>): void {
  if (!line.includes('{"event":"audit",')) return;
  const record: AuditRecord = JSON.parse(line.slice(line.indexOf('{')));
  records.set(record.requestId, [...(records.get(record.requestId) ?? []), record]);
}

/** The process writes a line before it answers, and waits until the pipe has it: what it has written by now is read within a few turns. */
async function nextTurn(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
