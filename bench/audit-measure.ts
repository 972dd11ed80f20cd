import { startBroker, type Broker } from '../local/stack/broker.ts';
import type { Run } from '../local/stack/run.ts';
import { createStack } from '../local/stack/stack.ts';
import { systemClock as clock } from '../shared/clock.ts';
import { prepareApp, type Sink } from './audit-app.ts';
import { askAgainAndAgain } from './hand-outs.ts';
import { quantile } from './statistics.ts';

/** One way to keep a trail. Latency is at the steady rate. */
type Row = {
  readonly perSecond: number;
  readonly steadyPerSecond: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly failures: number;
  /** Absent where there are no transactions. */
  readonly recordsPerTransaction: number | undefined;
  readonly steadyRecordsPerTransaction: number | undefined;
};
export type Measured = Readonly<Record<Sink, Row>>;

type Options = {
  readonly seconds: number;
  readonly callers: number;
  readonly connections: number;
  /** Hand-outs a second. */
  readonly rate: number;
};

/** How long the compiler is given before anything is measured. */
const warmUpMs = 4_000;

/** Measures one after the other, each with a broker of its own on the same stack. */
export async function measureSinks({ cleanup, signal }: Pick<Run, 'cleanup' | 'signal'>, options: Options) {
  const stack = await createStack({ ports: { control: 0, gateways: [0] } });
  cleanup.add(() => stack.close());
  const transactions = await countTransactions(stack.ready().control);

  const measure = async (sink: Sink): Promise<Row> => {
    signal.throwIfAborted();
    const { root, settings, tokens } = await prepareApp(stack, sink, options.callers);
    const ended = (how: string) => process.stderr.write(`The broker ended by itself (${how}).\n`);
    const broker = await startBroker({ root, port: 0, settings, onEnd: ended, onLine: () => {} }, cleanup);
    const load = { ...options, broker, tokens, signal };
    await runLoad({ ...load, ms: warmUpMs });
    const ms = options.seconds * 1_000;
    await transactions.reset();
    const fast = await runLoad({ ...load, ms });
    const fastTransactions = await transactions.reset();
    const steady = await runLoad({ ...load, ms, perSecond: options.rate });
    const steadyTransactions = await transactions.reset();
    await broker.stop();
    return {
      perSecond: fast.perSecond,
      steadyPerSecond: steady.perSecond,
      medianMs: toHundredths(quantile(steady.latencies, 0.5)),
      p99Ms: toHundredths(quantile(steady.latencies, 0.99)),
      failures: fast.failures + steady.failures,
      recordsPerTransaction: perTransaction(fast.answers, fastTransactions),
      steadyRecordsPerTransaction: perTransaction(steady.answers, steadyTransactions),
    };
  };

  return { off: await measure('off'), log: await measure('log'), table: await measure('table') } satisfies Measured;
}

type Load = {
  readonly broker: Pick<Broker, 'url'>;
  readonly tokens: readonly string[];
  readonly connections: number;
  readonly ms: number;
  readonly perSecond?: number;
  readonly signal: AbortSignal;
};

async function runLoad({ broker, tokens, connections, ms, perSecond, signal }: Load) {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  signal.addEventListener('abort', stop, { once: true });
  const latencies: number[] = [];
  let [answers, failures] = [0, 0];
  const startedAt = clock.monotonic();
  clock.after(ms, stop);
  await askAgainAndAgain({
    clock,
    url: `${broker.url}/v1/headers/core`,
    tokens,
    connections,
    perSecond,
    signal: stopping.signal,
    onEnd: ({ status, ms: latency }) => {
      answers += 1;
      failures += status === 200 ? 0 : 1;
      latencies.push(latency);
    },
  });
  signal.removeEventListener('abort', stop);
  const seconds = (clock.monotonic() - startedAt) / 1_000;
  return { answers, failures, latencies, perSecond: Math.round((answers - failures) / seconds) };
}

function toHundredths(ms: number): number {
  return Math.round(ms * 100) / 100;
}

function perTransaction(records: number, transactions: number): number | undefined {
  return transactions === 0 ? undefined : Math.round((records / transactions) * 10) / 10;
}

type RequestCount = { target: string; path: string; count: number };

/** What storage was asked for, as the stack counts it. */
async function countTransactions(control: string) {
  const reset = async (): Promise<number> => {
    const counts: RequestCount[] = JSON.parse(await (await fetch(`${control}/requests`)).text());
    await (await fetch(`${control}/requests`, { method: 'DELETE' })).arrayBuffer();
    const batches = counts.filter(({ target, path }) => target === 'storage' && path.endsWith('/$batch'));
    return batches.reduce((sum, { count }) => sum + count, 0);
  };
  return { /** The transactions since it was last called. */ reset };
}
