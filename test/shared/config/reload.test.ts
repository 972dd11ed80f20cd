import { describe, expect, jest, test } from '@jest/globals';
import type { Config } from '../../../shared/config/config.ts';
import type { ConfigVersion } from '../../../shared/config/load.ts';
import { ConfigError } from '../../../shared/config/problem.ts';
import { createReload } from '../../../shared/config/reload.ts';
import { validateConfig } from '../../../shared/config/validate.ts';
import { BrokerError } from '../../../shared/errors.ts';
import { statusAnswer } from '../../../shared/http/contract/status.ts';
import { toTimestamp } from '../../../shared/names.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMemoryConfig } from '../../support/memory-config.ts';
import { leastFile } from './file.ts';

const minute = 60_000;
const signal = new AbortController().signal;
const never = new Promise<never>(() => {});

/** A source in memory. A text that begins with `bad` is no configuration; one that begins with `odd` fails in a way that nobody thought of. */
function createFixture(first?: string) {
  const clock = createManualClock();
  const { source, state: held, asked, put } = createMemoryConfig(first);
  const taken: string[] = [];
  const texts = new Map<Config, string>();
  const events = { taken: jest.fn(), refused: jest.fn(), failed: jest.fn() };
  const reload = createReload({
    clock,
    source,
    validate: (text) => {
      if (text.startsWith('bad')) throw new ConfigError('It', [{ path: 'a', problem: 'is wrong', remedy: 'Mend it.' }]);
      const config = validateConfig(JSON.stringify(leastFile()), 'it');
      texts.set(config, text);
      return { config, version: text as ConfigVersion };
    },
    take: (config) => {
      const text = texts.get(config) ?? '';
      if (text.startsWith('odd')) throw new TypeError('CANARY');
      taken.push(text);
    },
    events,
  });
  return { clock, held, asked, taken, events, reload, put };
}

/** One that has taken a configuration into use. */
async function createRunning() {
  const fixture = createFixture('one');
  fixture.reload.start();
  await fixture.clock.advance(0);
  return fixture;
}

const stateAsContract = (state: unknown) => statusAnswer.shape.configuration.safeParse(state).success;

describe('the state', () => {
  test('says what is in use, and since when', async () => {
    const { clock, reload } = await createRunning();
    const loadedOn = toTimestamp(clock.wall());
    await clock.advance(10 * minute);
    expect(reload.state()).toEqual({ source: 'blob', version: 'one', loadedOn, lastFailure: null, problems: [] });
    expect(stateAsContract(reload.state())).toBe(true);
  });

  test('says that there is nothing yet', () => {
    const { reload } = createFixture('one');
    expect(reload.state()).toMatchObject({ version: null, lastFailure: null });
    expect(stateAsContract(reload.state())).toBe(true);
  });

  test('says why a newer one was refused, until one is taken', async () => {
    const { clock, reload, put } = await createRunning();
    put('bad');
    await clock.advance(minute);
    expect(reload.state()).toMatchObject({
      version: 'one',
      lastFailure: { reason: 'config-refused', times: 1 },
      problems: ['a is wrong. Mend it.'],
    });
    expect(stateAsContract(reload.state())).toBe(true);
    put('two');
    await clock.advance(minute);
    expect(reload.state()).toMatchObject({ version: 'two', lastFailure: null, problems: [] });
  });

  test('says why and how often in a row it could not be read, and forgets it when it could', async () => {
    const { clock, reload, held } = await createRunning();
    held.fault = new BrokerError('storage-unavailable');
    await clock.advance(minute);
    expect(reload.state()).toMatchObject({ version: 'one', lastFailure: { reason: 'storage-unavailable', times: 2 } });
    held.fault = undefined;
    await clock.advance(minute);
    expect(reload.state().lastFailure).toBeNull();
  });

  test('goes on saying that one is refused when it could not be read in between', async () => {
    const { clock, reload, held, put } = await createRunning();
    put('bad');
    await clock.advance(minute);
    held.fault = new BrokerError('storage-unavailable');
    await clock.advance(minute);
    expect(reload.state()).toMatchObject({
      lastFailure: { reason: 'storage-unavailable' },
      problems: ['a is wrong. Mend it.'],
    });
    held.fault = undefined;
    await clock.advance(minute);
    expect(reload.state()).toMatchObject({ lastFailure: { reason: 'config-refused' } });
  });
});

describe('a look', () => {
  test('asks whether what was last seen is still there, valid or not', async () => {
    const { clock, asked, put } = await createRunning();
    await clock.advance(30_000);
    put('bad');
    await clock.advance(minute);
    expect(asked).toEqual([undefined, '1', '1', '2']);
  });

  test('that never ends is given up after 10 s, and does not keep the next from being made', async () => {
    const { clock, asked, held, events, taken, put } = await createRunning();
    held.gate = never;
    await clock.advance(30_000);
    await clock.advance(9_999);
    expect(events.failed).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(events.failed).toHaveBeenCalledTimes(1);
    held.gate = undefined;
    put('two');
    await clock.advance(20_000);
    expect(asked).toHaveLength(3);
    expect(taken).toEqual(['one', 'two']);
  });

  test('finds a configuration that the broker cannot be built of refused, and told of', async () => {
    const { clock, reload, events, put, taken } = await createRunning();
    put('odd');
    await clock.advance(10 * minute);
    expect(taken).toEqual(['one']);
    expect(reload.state()).toMatchObject({ version: 'one', lastFailure: { reason: 'unexpected', times: 1 } });
    expect(events.failed).toHaveBeenCalledTimes(1);
    expect(events.failed).toHaveBeenCalledWith(expect.any(TypeError));
  });

  test('is made after 1, 2, 4, 8, 16 and then 30 s while there is no configuration', async () => {
    const { clock, reload, asked, put } = createFixture();
    reload.start();
    for (const [index, seconds] of [1, 2, 4, 8, 16, 30, 30].entries()) {
      await clock.advance(seconds * 1_000 - 1);
      expect(asked).toHaveLength(index + 1);
      await clock.advance(1);
      expect(asked).toHaveLength(index + 2);
    }
    put('one');
    await clock.advance(30_000);
    expect(reload.state().version).toBe('one');
  });
});

describe('a worker that was frozen', () => {
  /** Time passes without a timer being called back. */
  const freeze = async (ms: number) => {
    const fixture = createFixture('one');
    const { clock, reload } = fixture;
    const after = jest.spyOn(clock, 'after');
    reload.start();
    await clock.advance(0);
    const beat = after.mock.results.at(-1)?.value as () => void;
    beat();
    await clock.advance(ms);
    return fixture;
  };

  test('looks before it serves by what it knew', async () => {
    const { reload, taken, put } = await freeze(10 * minute);
    put('two');
    expect(reload.isAwake()).toBe(false);
    await reload.wake(signal);
    expect(taken).toEqual(['one', 'two']);
    expect(reload.isAwake()).toBe(true);
  });

  test('waits for that a second, and not longer', async () => {
    const { clock, reload, held } = await freeze(10 * minute);
    held.gate = never;
    let isOver = false;
    const waking = reload.wake(signal).then(() => (isOver = true));
    await clock.advance(999);
    expect(isOver).toBe(false);
    await clock.advance(1);
    await waking;
    expect(reload.isAwake()).toBe(true);
  });

  test('is awake while its last look is younger than a minute', async () => {
    expect((await freeze(minute - 1)).reload.isAwake()).toBe(true);
    expect((await freeze(minute)).reload.isAwake()).toBe(false);
  });
});

describe('what the configuration is', () => {
  test('is known for a minute after a look, whether it found the same or another', async () => {
    const { clock, reload, asked, put } = await createRunning();
    await clock.advance(minute);
    put('bad');
    await clock.advance(minute);
    const before = asked.length;
    expect(await reload.confirm()).toBe(true);
    expect(asked).toHaveLength(before);
  });

  test('is not known any more when it could not be read for a minute, and is when it can', async () => {
    const { clock, reload, held } = await createRunning();
    held.fault = new BrokerError('storage-unavailable');
    await clock.advance(minute - 1);
    expect(await reload.confirm()).toBe(true);
    await clock.advance(1);
    expect(await reload.confirm()).toBe(false);
    held.fault = undefined;
    expect(await reload.confirm()).toBe(true);
  });
});
