import { expect, test } from '@jest/globals';
import { followLines } from '../../../scripts/demo/lines.ts';
import { createManualClock } from '../../support/manual-clock.ts';

test('a line of the broker’s is read from what the host prints before it, and others are left out', async () => {
  const clock = createManualClock();
  const lines = followLines(clock);
  lines.read('2026-11-24T03:00:00.000Z info ready');
  lines.read('2026-11-24T03:00:00.000Z info [other] {"name":"x"}');
  await clock.advance(5);
  lines.read('2026-11-24T03:00:00.005Z error [rejections] {"event":"key-refused","subscription":"okq8-core"}');
  expect(lines.seen).toEqual([{ event: 'key-refused', subscription: 'okq8-core', at: 5 }]);
});

test('a line is waited for, also where it was read already, until something fails', async () => {
  const lines = followLines(createManualClock());
  lines.read('{"event":"one"}');
  await lines.until(({ event }) => event === 'one');
  const two = lines.until(({ event }) => event === 'two');
  lines.read('{"event":"two"}');
  await two;
  const three = lines.until(({ event }) => event === 'three');
  lines.fail('It ended.');
  await expect(three).rejects.toThrow('It ended.');
  await expect(lines.orFailure(Promise.withResolvers<void>().promise)).rejects.toThrow('It ended.');
});
