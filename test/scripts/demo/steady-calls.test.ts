import { expect, test } from '@jest/globals';
import { startSteadyCalls } from '../../../scripts/demo/steady-calls.ts';
import { createManualClock } from '../../support/manual-clock.ts';

test('so many calls a second are made, however long each takes, and those are counted that fail', async () => {
  const clock = createManualClock();
  const over = Promise.withResolvers<void>();
  const call = async (n: number) => {
    await over.promise;
    if (n === 0) throw new Error('no answer');
    return n > 2;
  };
  const load = startSteadyCalls({ clock, call }, 100);
  await clock.advance(1_000);
  expect(load.figures()).toEqual({ calls: 100, failed: 0 });
  const stopped = load.stop();
  over.resolve();
  await stopped;
  await clock.advance(1_000);
  expect(load.figures()).toEqual({ calls: 100, failed: 3 });
});
