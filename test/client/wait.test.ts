import { expect, test } from '@jest/globals';
import { pause, waitFor, within } from '../../client/wait.ts';
import { createManualClock } from '../support/manual-clock.ts';

test('a wait ends with the work, and leaves nothing at the signal', async () => {
  const { signal } = new AbortController();
  const added: unknown[] = [];
  const counting = {
    aborted: false,
    addEventListener: (_: string, listener: unknown) => void added.push(listener),
    removeEventListener: (_: string, listener: unknown) => void added.splice(added.indexOf(listener), 1),
  };
  expect(await waitFor(Promise.resolve(1), signal)).toBe(1);
  expect(await waitFor(Promise.resolve(1), counting as never)).toBe(1);
  await expect(waitFor(Promise.reject(new Error('no')), counting as never)).rejects.toThrow('no');
  expect(added).toEqual([]);
});

test('a wait for a signal that is aborted already ends at once, with its reason', async () => {
  const never = Promise.withResolvers<void>().promise;
  await expect(waitFor(never, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
});

test('a pause that is ended leaves no timer', async () => {
  const clock = createManualClock();
  const controller = new AbortController();
  const pausing = pause(clock, 1_000, controller.signal);
  controller.abort(new Error('enough'));
  await expect(pausing).rejects.toThrow('enough');
  expect(clock.pending()).toBe(0);
});

test('what takes too long is given up, also where it does not obey', async () => {
  const clock = createManualClock();
  const working = within(clock, 1_000, () => Promise.withResolvers<void>().promise);
  const failed = expect(working).rejects.toMatchObject({ code: 'timeout' });
  await clock.advance(1_000);
  await failed;
});
