import { expect, test } from '@jest/globals';
import { untilAborted, withDeadline } from '../../shared/deadline.ts';
import { BrokerError } from '../../shared/errors.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { unhandledDuring } from '../support/unhandled.ts';

test('what ignores its abort signal is given up all the same (guarantee 8)', async () => {
  const clock = createManualClock();
  const stubborn = withDeadline(clock, 3_000, 'vault-unavailable', () => new Promise(() => {}));
  const given = expect(stubborn).rejects.toMatchObject({ reason: 'vault-unavailable' });
  await clock.advance(3_000);
  await given;
});

test('the signal is aborted when the time is up, and not before', async () => {
  const clock = createManualClock();
  let signal: AbortSignal | undefined;
  const waiting = withDeadline(clock, 3_000, 'deadline', (given) => {
    signal = given;
    return new Promise(() => {});
  }).catch(() => 'given up');
  await clock.advance(2_999);
  expect(signal?.aborted).toBe(false);
  await clock.advance(1);
  expect(signal?.aborted).toBe(true);
  expect(await waiting).toBe('given up');
});

test('an answer in time leaves no timer behind', async () => {
  const clock = createManualClock();
  expect(await withDeadline(clock, 3_000, 'deadline', async () => 'answer')).toBe('answer');
  expect(clock.pending()).toBe(0);
});

test('what obeys the signal, with an error of its own, has still run out of time', async () => {
  const clock = createManualClock();
  const obedient = withDeadline(clock, 3_000, 'deadline', (signal) => {
    const { promise, reject } = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => reject(new Error('aborted')));
    return promise;
  });
  const given = expect(obedient).rejects.toMatchObject({ reason: 'deadline' });
  await clock.advance(3_000);
  await given;
});

test('a rejection that comes after the wait has ended is no unhandled rejection', async () => {
  const { promise, reject } = Promise.withResolvers<void>();
  const unhandled = await unhandledDuring(async () => {
    const waiting = untilAborted(promise, AbortSignal.abort(new BrokerError('deadline')));
    await expect(waiting).rejects.toMatchObject({ reason: 'deadline' });
    reject(new Error('late'));
  });
  expect(unhandled).toHaveLength(0);
});

test('a failure after the time is up is no unhandled rejection', async () => {
  const clock = createManualClock();
  const { promise, reject } = Promise.withResolvers<void>();
  const unhandled = await unhandledDuring(async () => {
    const given = expect(withDeadline(clock, 3_000, 'deadline', () => promise)).rejects.toThrow();
    await clock.advance(3_000);
    await given;
    reject(new Error('late'));
  });
  expect(unhandled).toHaveLength(0);
});
