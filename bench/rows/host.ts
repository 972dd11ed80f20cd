import type { Row } from '../contest.ts';
import { serveBroker, serveLeast, serveTrivial, type Served } from '../subjects/served.ts';

/** Short and many: a machine that others use as well changes from one second to the next. */
const ms = 500;

export const row: Row = {
  title: 'A warm hand-out in its host',
  how:
    'Over HTTP in the local Functions host, in a process of its own: 64 connections, 20 callers, 20 APIs that take a key and a token, the audit trail in the log; ' +
    'beside a function that logs one short line and answers with a body of the same size. The load comes from the same machine. “What the contract asks” is a function that looks nothing up and decides nothing: it ' +
    'hashes the token, writes the audit record, and makes the answer’s headers, times and JSON.',
  note:
    'By `npm run profile` on a quiet machine the broker takes 187 µs of the processor for a request, what the contract asks 148 with nothing looked up and nothing decided, and the trivial function 130. They stand to each other as what they ' +
    'allocate, which no neighbour on the machine changes: 59.4, 50.9 and 42.2 KB. The broker’s own code takes 22 µs and 16.6 KB of that: the answer, the audit record, and the promises of some twenty steps of which each may have to wait. To ' +
    'meet the bar it would have to do with half of it, which takes a second way through every cache and port for when nothing has to be waited for. That was not built: it would save a request some 30 µs of the processor. Tried and kept: the seal of a set ' +
    'is remembered, the body is not made a web stream and read back, moments are written without `Date`, the Authorization header is not gone through by an expression, a deadline adds no listener to its signal, weak maps are not written with each ' +
    'request. Tried and left: both parts of a set awaited without `Promise.all` (0.6 KB less), the answer’s headers made once (0.15 KB less).',
  rounds: 25,
  prepare: async ({ cleanup }) => {
    const served = await serveBroker(cleanup);
    const trivial = await serveTrivial(served, cleanup);
    const least = await serveLeast(served, cleanup);
    const against = { of: 'broker', over: 'trivial function' };
    return {
      units: { 'processor for a request': 'µs', throughput: 'a second' },
      contestants: {
        broker: () => measure(served.broker),
        'trivial function': () => measure(trivial),
        'what the contract asks': () => measure(least),
      },
      comparisons: [
        {
          title: 'processor, of the trivial function’s',
          measure: 'processor for a request',
          ...against,
          bar: { atMost: 1.2 },
        },
        { title: 'throughput, of the trivial function’s', measure: 'throughput', ...against, bar: { atLeast: 0.85 } },
        {
          title: 'processor for what the contract asks, of the trivial function’s',
          measure: 'processor for a request',
          of: 'what the contract asks',
          over: 'trivial function',
        },
      ],
    };
  },
};

async function measure(served: Served) {
  const before = await served.cpu();
  const { answers, seconds } = await served.load(ms);
  const taken = (await served.cpu()) - before;
  return { 'processor for a request': taken / answers, throughput: answers / seconds };
}
