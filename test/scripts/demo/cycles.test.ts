import { describe, expect, test } from '@jest/globals';
import { followCycles, readRotationLine, states } from '../../../scripts/demo/cycles.ts';
import type { RotationLine } from '../../../scripts/demo/cycles.ts';

const step = (subscription: string, from: string, to: string): RotationLine => ({
  event: 'rotation-step',
  subscription,
  from,
  to,
});

/** The transitions of one cycle, the adoption before it included. */
const transitions = ['none', ...states].map((from, index) => [from, [...states, 'idle'][index] ?? ''] as const);

describe('a line of the broker’s', () => {
  test('tells of a step after its time, level and function', () => {
    const line = '2026-11-24T03:00:00.000Z information rotation-timer {"event":"rotation-step","subscription":"core"}';
    expect(readRotationLine(line)).toEqual({ event: 'rotation-step', subscription: 'core' });
  });

  test.each(['', '2026-11-24T03:00:00.000Z information headers {"event":"audit"}', 'Debugger attached.'])(
    'is about something else: %s',
    (line) => {
      expect(readRotationLine(line)).toBeUndefined();
    },
  );
});

describe('a cycle', () => {
  test('has nine states and is complete when it is idle again, for every subscription', () => {
    const cycles = followCycles(['core', 'payments']);
    const entered = transitions.map(([from, to]) => cycles.follow(step('core', from, to)));
    expect(entered).toEqual([...states, 'idle']);
    expect([cycles.areComplete(), cycles.statesPassed()]).toEqual([false, 0]);
    for (const [from, to] of transitions) {
      expect(cycles.areComplete()).toBe(false);
      cycles.follow(step('payments', from, to));
    }
    expect([cycles.areComplete(), cycles.statesPassed()]).toEqual([true, 9]);
  });

  test('is followed past a line that was lost, and a step that changes no state is none', () => {
    const cycles = followCycles(['core']);
    const lost = transitions.filter(([, to]) => to !== 'settling-primary' && to !== 'draining-secondary');
    for (const [from, to] of lost) cycles.follow(step('core', from, to));
    expect([cycles.areComplete(), cycles.statesPassed()]).toEqual([true, 9]);
    expect(cycles.follow(step('core', 'idle', 'idle'))).toBeUndefined();
    expect(cycles.follow({ event: 'rotation-failed', subscription: 'core', reason: 'deadline' })).toBeUndefined();
    expect(cycles.follow(step('another', 'none', 'idle'))).toBeUndefined();
  });
});
