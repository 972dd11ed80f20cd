import { describe, expect, test } from '@jest/globals';
import { createCore } from '../../../local/host/core.ts';
import { createInFlight } from '../../../local/host/in-flight.ts';
import { createStop } from '../../../local/host/stop.ts';
import { createManualClock } from '../../support/manual-clock.ts';

function setUp() {
  const events: string[] = [];
  const clock = createManualClock();
  const inFlight = createInFlight();
  const core = createCore((level, _category, _source, message) => void events.push(`${level}: ${message}`));
  const server = {
    url: '',
    stopAccepting: () => void events.push('stop accepting'),
    cut: () => void events.push('cut'),
  };
  const timer = { start: () => undefined, fire: () => Promise.resolve(), stop: () => void events.push('stop timer') };
  const log = (level: string, _category: string, _source: string, message: string) =>
    void events.push(`${level}: ${message}`);
  const stop = createStop({ server, timers: [timer], inFlight, core, log, clock });
  return { events, clock, inFlight, core, stop };
}

describe('a stop', () => {
  test('waits for what is under way before the appTerminate hooks run', async () => {
    const { events, clock, inFlight, core, stop } = setUp();
    core.module.registerHook('appTerminate', () => events.push('hook'));
    const end = inFlight.begin();
    const stopped = stop();
    await clock.advance(3_999);
    expect(events).toEqual(['stop accepting', 'stop timer']);
    end();
    await stopped;
    expect(events).toEqual(['stop accepting', 'stop timer', 'hook', 'cut']);
    expect(clock.pending()).toBe(0);
  });

  test('gives up after 4 s what does not end', async () => {
    const { events, clock, inFlight, stop } = setUp();
    inFlight.begin();
    inFlight.begin();
    const stopped = stop();
    await clock.advance(4_000);
    await stopped;
    expect(events).toEqual([
      'stop accepting',
      'stop timer',
      'warning: 2 invocations were still running 4 s after the stop, and are given up',
      'cut',
    ]);
  });

  test('gives up after half a second a hook that does not end', async () => {
    const { events, clock, core, stop } = setUp();
    core.module.registerHook('appTerminate', () => new Promise(() => undefined));
    const stopped = stop();
    await clock.advance(500);
    await stopped;
    expect(events.slice(2)).toEqual(['warning: an appTerminate hook took too long, and is given up', 'cut']);
  });

  test('logs a hook that fails and ends all the same', async () => {
    const { events, core, stop } = setUp();
    core.module.registerHook('appTerminate', () => Promise.reject(new Error('as asked')));
    await stop();
    expect(events[2]).toContain('error: an appTerminate hook failed: Error: as asked');
    expect(events.at(-1)).toBe('cut');
  });
});
