import { describe, expect, test } from '@jest/globals';
import { Failure } from '../../../cli/failure.ts';
import { watch } from '../../../cli/status/watch.ts';
import type { StatusAnswer } from '../../../shared/http/contract/status.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createOutside, type Setting } from '../cli.ts';
import { at, rotation, status, withRotation, withSubscription } from '../samples.ts';

const unreachable = new Failure(3, 'No broker answers.');
const later = (seconds: number, given: StatusAnswer = status): StatusAnswer => ({ ...given, generatedOn: at(seconds) });

/** Watches a broker that answers one thing after another, two seconds apart, until it has no more to say. */
async function watchAll(
  answers: (StatusAnswer | Failure)[],
  { asJson = false, ...setting }: Setting & { asJson?: boolean } = {},
) {
  const clock = createManualClock();
  const interrupt = new AbortController();
  const { outside, printed } = createOutside({ clock, interrupted: interrupt.signal, ...setting });
  const queue = [...answers];
  const ask = async () => {
    const answer = queue.shift();
    if (queue.length === 0) interrupt.abort();
    if (answer instanceof Failure || !answer) throw answer ?? unreachable;
    return answer;
  };
  const draw = ({ generatedOn }: StatusAnswer) => [`drawn ${generatedOn}`, 'second', 'third'];
  const watching = watch({ ask, draw, asJson }, outside);
  watching.catch(() => {});
  for (const _ of answers) await clock.advance(2_000);
  return { code: await watching, pending: clock.pending(), ...printed() };
}

describe('where stdout is no terminal, --watch prints a line', () => {
  test('for how things stand at first, and then for each change', async () => {
    const settling = { ...rotation, state: 'settling-secondary' };
    const { code, stdout } = await watchAll([
      status,
      later(2),
      later(4, withSubscription({ rotation: settling })),
      later(
        6,
        withSubscription({
          rotation: { ...settling, lastFailure: { on: at(5), reason: 'gateway-unknown', times: 1 } },
        }),
      ),
      later(
        8,
        withSubscription({
          rotation: { ...settling, lastFailure: { on: at(7), reason: 'gateway-unknown', times: 2 } },
        }),
      ),
      later(10, withSubscription({ rotation: settling })),
    ]);
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      '2026-11-24 03:00:00Z  All is well.',
      '2026-11-24 03:00:04Z  moved    okq8-payments: idle, generation 4, primary active -> settling-secondary, generation 4, primary active',
      '2026-11-24 03:00:06Z  warning  okq8-payments: rotation fails: gateway-unknown, 1 s ago',
      '2026-11-24 03:00:10Z  over     warning  okq8-payments: rotation fails: gateway-unknown, 2 times in a row, last 1 s ago',
      '',
    ]);
  });

  test('once when the broker answers no more, and once when it does again', async () => {
    const { code, stdout } = await watchAll([status, unreachable, unreachable, later(6)]);
    expect(code).toBe(0);
    expect(stdout.split('\n').slice(1)).toEqual([
      '2026-11-24 03:00:02Z  no answer: No broker answers.',
      '2026-11-24 03:00:06Z  answers again',
      '',
    ]);
  });
});

describe('on a terminal, --watch', () => {
  const terminal = { columns: 80, rows: 40 };

  test('draws from the top, over what stood there, every two seconds', async () => {
    const { stdout } = await watchAll([status, later(2)], { terminal });
    const frame = (moment: string) => `\x1b[Hdrawn ${moment}\x1b[K\nsecond\x1b[K\nthird\x1b[K\n\x1b[J`;
    expect(stdout).toBe(`\x1b[2J${frame(at(0))}${frame(at(2))}`);
  });

  test('says since when there is no answer, above what it saw last', async () => {
    const { stdout } = await watchAll([status, unreachable, unreachable, status], { terminal });
    expect(stdout).toContain(
      `No answer for 4 s; what follows is as of then. No broker answers.\x1b[K\n\x1b[K\ndrawn ${at(0)}`,
    );
  });

  test('cuts what does not fit, so that the top stays', async () => {
    const { stdout } = await watchAll([status], { terminal: { columns: 80, rows: 3 } });
    expect(stdout).toContain(`drawn ${at(0)}\x1b[K\n… 2 more lines\x1b[K\n\x1b[J`);
  });
});

test('--watch --json prints a line of JSON for each answer, and tells of none on stderr', async () => {
  const { stdout, stderr } = await watchAll([status, unreachable, withRotation({ paused: true })], { asJson: true });
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([status, withRotation({ paused: true })]);
  expect(JSON.parse(stderr)).toEqual({ error: 'No broker answers.' });
});

test('--watch ends when nobody reads it any more, without waiting', async () => {
  const gone = new AbortController();
  const clock = createManualClock();
  const { outside } = createOutside({ clock, readerGone: gone.signal });
  const watching = watch({ ask: async () => status, draw: () => [], asJson: false }, outside);
  await clock.advance(0);
  gone.abort();
  expect(await watching).toBe(0);
  expect(clock.pending()).toBe(0);
});

test('--watch fails as a whole where even the first answer does', async () => {
  await expect(watchAll([unreachable, status])).rejects.toBe(unreachable);
});
