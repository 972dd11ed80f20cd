import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { StartError } from '../../../local/host/start-error.ts';
import { openTimerState } from '../../../local/host/timer-state.ts';

const status = {
  last: '2026-01-01T00:00:00.000Z',
  next: '2026-01-01T00:01:00.000Z',
  lastUpdated: '2026-01-01T00:00:00.000Z',
};
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'timer-state-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const unexpected = (message: string): never => {
  throw new Error(message);
};

describe('the state of the timers', () => {
  test('is there again for who opens the file next, and leaves no other file', () => {
    const file = join(directory, 'timers.json');
    openTimerState(file, unexpected).write('tick', status);
    expect(openTimerState(file, unexpected).read('tick')).toEqual(status);
    expect(openTimerState(file, unexpected).read('other')).toBeUndefined();
    expect(readdirSync(directory)).toEqual(['timers.json']);
  });

  test.each([
    '',
    '{',
    '[1]',
    '"text"',
    '{"tick":{}}',
    '{"tick":{"last":"x","next":"x","lastUpdated":"x"}}',
    '{"tick":null}',
  ])('that reads %j is refused', (text) => {
    const file = join(directory, 'timers.json');
    writeFileSync(file, text);
    expect(() => openTimerState(file, unexpected)).toThrow(StartError);
  });

  test('that cannot be read is refused', () => {
    expect(() => openTimerState(directory, unexpected)).toThrow(StartError);
  });

  test('that cannot be written is reported, and the timer goes on', () => {
    const reports: string[] = [];
    const state = openTimerState(join(directory, 'nowhere', 'timers.json'), (message) => void reports.push(message));
    state.write('tick', status);
    expect(reports).toEqual([expect.stringContaining('cannot be written')]);
    expect(state.read('tick')).toEqual(status);
  });
});
