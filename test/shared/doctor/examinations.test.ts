import { expect, test } from '@jest/globals';
import { createExaminations } from '../../../shared/doctor/examinations.ts';
import type { Examine } from '../../../shared/doctor/examine.ts';
import { findingsOf } from '../../../shared/doctor/finding.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const finding = findingsOf('clock').fault('clock', 'clock-skew');

function createSubject(examine?: Examine) {
  const clock = createManualClock();
  let runs = 0;
  const counted: Examine = (signal) => {
    runs += 1;
    return examine?.(signal) ?? Promise.resolve([finding]);
  };
  return { clock, runs: () => runs, ask: createExaminations(clock, counted) };
}

test('whoever asks while one is under way, or within ten seconds of its end, is given the same report', async () => {
  const { clock, runs, ask } = createSubject();
  const [first, second] = await Promise.all([ask(), ask()]);
  expect(first).toEqual({
    examinedOn: '2026-11-24T03:00:00.000Z',
    well: 0,
    warnings: 0,
    faults: 1,
    findings: [finding],
  });
  expect(second).toBe(first);
  await clock.advance(9_999);
  expect(await ask()).toBe(first);
  expect(runs()).toBe(1);
  await clock.advance(1);
  expect(await ask()).not.toBe(first);
  expect(runs()).toBe(2);
});

test('an examination is ended after 25 seconds, and answers with what it has', async () => {
  const untilEnded: Examine = (signal) =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve([finding]));
    });
  const { clock, ask } = createSubject(untilEnded);
  const asked = ask();
  await clock.advance(24_999);
  expect(clock.pending()).toBe(1);
  await clock.advance(1);
  expect(await asked).toMatchObject({ faults: 1 });
});

test('one that failed is not remembered', async () => {
  const { ask, runs } = createSubject(() => Promise.reject(new TypeError('x')));
  await expect(ask()).rejects.toThrow(TypeError);
  await expect(ask()).rejects.toThrow(TypeError);
  expect(runs()).toBe(2);
});
