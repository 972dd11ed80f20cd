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
    'What the contract asks takes much of what the bar allows, with nothing looked up and nothing decided. By `npm run profile`, which lets each run for five seconds on end, the broker’s own code takes 16 of 221 µs, and the trivial function 190 µs in all; ' +
    'what is left is in the library, which holds private members in weak maps, and in writing a longer line. Tried and kept: the seal of a set is remembered, the body is not made a web stream and read back, moments are written without `Date`, the Authorization header is not gone through by an expression.',
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
