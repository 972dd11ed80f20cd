import { describe, expect, test } from '@jest/globals';
import { createFaults } from '../../../local/stand-ins/faults.ts';
import type { Fault, FaultSubject } from '../../../local/stand-ins/faults.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const subject: FaultSubject = { target: 'vault', method: 'GET', path: '/secrets/okq8-core/', instance: 0 };

const matches = (fault: Omit<Fault, 'target'>, change: Partial<FaultSubject> = {}): boolean => {
  const faults = createFaults();
  faults.add({ target: 'vault', ...fault });
  return faults.match({ ...subject, ...change }) !== undefined;
};

describe('a fault applies', () => {
  test.each<[string, Omit<Fault, 'target'>, Partial<FaultSubject>, boolean]>([
    ['to its target', {}, {}, true],
    ['to no other target', {}, { target: 'entra' }, false],
    ['to its method, in upper or lower case', { method: 'get' }, {}, true],
    ['to no other method', { method: 'PUT' }, {}, false],
    ['to its instance', { instance: 1 }, { instance: 1 }, true],
    ['to no other instance', { instance: 1 }, {}, false],
    ['to its path as it stands', { path: '/secrets/okq8-core/' }, {}, true],
    ['to the whole path only', { path: '/secrets/okq8-core' }, {}, false],
    ['to a path by a glob', { path: '/secrets/*' }, {}, true],
    ['to a path by a glob across slashes', { path: '*core*' }, {}, true],
    ['to a path by a glob for one character', { path: '/secrets/okq?-core/' }, {}, true],
    ['to a path in upper or lower case', { path: '/SECRETS/**' }, {}, true],
    ['to a path whose signs are no pattern', { path: '/secrets/okq8.core/' }, {}, false],
  ])('%s', (_, fault, change, expected) => {
    expect(matches(fault, change)).toBe(expected);
  });
});

test('the first fault that matches wins, in the order they were added', () => {
  const faults = createFaults();
  faults.add({ target: 'entra', status: 500 });
  faults.add({ target: 'vault', path: '/secrets/*', status: 501 });
  faults.add({ target: 'vault', status: 502 });
  expect(faults.match(subject)?.fault.status).toBe(501);
});

test('a fault with times applies as often, then the next one has its turn', () => {
  const faults = createFaults();
  faults.add({ target: 'vault', status: 429, times: 2 });
  faults.add({ target: 'vault', status: 503 });
  expect(Array.from({ length: 3 }, () => faults.match(subject)?.fault.status)).toEqual([429, 429, 503]);
});

test('a request that does not match leaves times alone', () => {
  const faults = createFaults();
  faults.add({ target: 'vault', status: 429, times: 1 });
  faults.match({ ...subject, target: 'entra' });
  expect(faults.match(subject)?.fault.status).toBe(429);
});

test('a fault with a time ends when it is over, and says so to whom it holds up', async () => {
  const clock = createManualClock();
  const faults = createFaults(clock);
  faults.add({ target: 'vault', hang: true, forMs: 1_000 });
  const active = faults.match(subject);
  await clock.advance(999);
  expect(faults.match(subject)).toBeDefined();
  expect(active?.lifted.aborted).toBe(false);
  await clock.advance(1);
  expect(faults.match(subject)).toBeUndefined();
  expect(active?.lifted.aborted).toBe(true);
});

test('a time beyond what a timer of Node’s can hold is cut to that, since it would end at once', () => {
  const delays: number[] = [];
  const clock = { ...createManualClock(), after: (delayMs: number) => (delays.push(delayMs), () => {}) };
  createFaults(clock).add({ target: 'vault', status: 503, forMs: 90 * 86_400_000 });
  expect(delays).toEqual([2 ** 31 - 1]);
});

test('lifting one fault leaves the others, and cancels its timer', () => {
  const clock = createManualClock();
  const faults = createFaults(clock);
  const id = faults.add({ target: 'vault', status: 500, forMs: 1_000 });
  faults.add({ target: 'vault', status: 503 });
  expect(faults.lift(id)).toBe(true);
  expect(faults.match(subject)?.fault.status).toBe(503);
  expect(clock.pending()).toBe(0);
});

test('lifting all leaves none, and lifting what does not exist says so', () => {
  const faults = createFaults();
  const id = faults.add({ target: 'vault', status: 500 });
  const active = faults.match(subject);
  expect(faults.lift()).toBe(true);
  expect(active?.lifted.aborted).toBe(true);
  expect(faults.match(subject)).toBeUndefined();
  expect(faults.lift(id)).toBe(false);
});

test('the table is bounded', () => {
  const faults = createFaults();
  for (let count = 0; count < 1_000; count += 1) faults.add({ target: 'vault', status: 500 });
  expect(() => faults.add({ target: 'vault', status: 500 })).toThrow(RangeError);
});
