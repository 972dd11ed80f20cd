import { createStack } from '../../local/stack/stack.ts';
import { systemClock as clock } from '../../shared/clock.ts';
import { prepareApp, type App } from '../audit-app.ts';
import type { Row, Surroundings } from '../contest.ts';
import { askAgainAndAgain } from '../hand-outs.ts';
import { runLoad, toRequest } from '../load.ts';
import { quantile } from '../statistics.ts';
import { startHostProcess } from '../subjects/host-process.ts';
import { startTableService } from '../subjects/table-service.ts';

const [callers, connections] = [4, 64];
/** A tenth of what the log carries: nobody waits for a turn, so that latency is the trail's own. */
const steadyPerSecond = 300;
const [fastMs, steadyMs] = [2_000, 3_000];
/** Of Table Storage in the same region, for a small transaction. */
const tableMs = 5;
const path = '/v1/headers/core';

export const row: Row = {
  title: 'A durable audit trail',
  how:
    `The broker in the local host, with the trail in the log and strict in a table, under the same load: ${callers} callers over ${connections} connections, first as fast as it goes, then at a steady ${steadyPerSecond} hand-outs a second, ` +
    'which both carry and at which latency is told, from when a request was due. Storage is elsewhere in Azure, and is stood in for twice: by a table service in memory that answers after ' +
    `${tableMs} ms, as one in the same region does, and takes next to nothing of this machine; and by Azurite behind TLS, which shares it and takes more of it for a record than the broker does. The first is held to the bars.`,
  rounds: 5,
  prepare: async ({ cleanup, signal }) => {
    const stack = await createStack({ ports: { control: 0, gateways: [0] } });
    cleanup.add(() => stack.close());
    const service = await startTableService(stack, tableMs, cleanup);
    const table = await prepareApp(stack, 'table', callers);
    const elsewhere = { ...table, settings: { ...table.settings, ...service.settings } };
    const [ofLog, ofTable, ofAzurite] = await Promise.all(
      [await prepareApp(stack, 'log', callers), elsewhere, table].map((app) => serve(app, { cleanup, signal })),
    );
    if (!ofLog || !ofTable || !ofAzurite) throw new RangeError('three brokers were to be started');

    const measureTable = async () => {
      const before = { ...service.written };
      const fast = await ofTable.goFast();
      const { transactions, records } = service.written;
      const grouped = (records - before.records) / (transactions - before.transactions);
      return { ...fast, 'records in a transaction': grouped, ...(await ofTable.goSteadily()) };
    };
    const measure =
      ({ goFast, goSteadily }: Served) =>
      async () => ({ ...(await goFast()), ...(await goSteadily()) });
    const [inTable, inAzurite, inLog] = [`in a table, ${tableMs} ms away`, 'in Azurite', 'in the log'];
    return {
      units: {
        throughput: 'a second',
        'steady throughput': 'a second',
        processor: 'µs',
        'median latency': 'ms',
        'p99 latency': 'ms',
      },
      contestants: { [inLog]: measure(ofLog), [inTable]: measureTable, [inAzurite]: measure(ofAzurite) },
      comparisons: [
        {
          title: 'throughput with the table, of that with the log',
          measure: 'throughput',
          of: inTable,
          over: inLog,
          bar: { atLeast: 0.6 },
        },
        {
          title: 'what the table adds to the median, ms',
          measure: 'median latency',
          of: inTable,
          minus: inLog,
          bar: { atMost: 15 },
        },
        { title: 'throughput with Azurite, of that with the log', measure: 'throughput', of: inAzurite, over: inLog },
        { title: 'what Azurite adds to the median, ms', measure: 'median latency', of: inAzurite, minus: inLog },
      ],
    };
  },
};

type Served = Awaited<ReturnType<typeof serve>>;

async function serve({ root, settings, tokens }: App, { cleanup, signal }: Surroundings) {
  const host = await startHostProcess({ root, settings }, cleanup);
  const { url } = host;
  const requests = tokens.map((token) => toRequest(url, path, token));

  /** `processor` is what the broker's process takes for a hand-out. */
  const goFast = async () => {
    const before = await host.cpu();
    const { answers, seconds } = await runLoad({ url, requests, connections, ms: fastMs });
    return { throughput: answers / seconds, processor: ((await host.cpu()) - before) / answers };
  };

  const goSteadily = async () => {
    const stopping = new AbortController();
    const latencies: number[] = [];
    const onEnd = ({ status, ms }: { status: number; ms: number }) => {
      if (status !== 200) throw new Error(`A hand-out was answered ${status}.`);
      latencies.push(ms);
    };
    clock.after(steadyMs, () => stopping.abort());
    await askAgainAndAgain({
      clock,
      url: `${url}${path}`,
      tokens,
      connections,
      perSecond: steadyPerSecond,
      signal: AbortSignal.any([signal, stopping.signal]),
      onEnd,
    });
    return {
      'steady throughput': (latencies.length * 1_000) / steadyMs,
      'median latency': quantile(latencies, 0.5),
      'p99 latency': quantile(latencies, 0.99),
    };
  };

  return { goFast, goSteadily };
}
