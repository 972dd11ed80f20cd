import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../shared/clock.ts';
import { routeFunctions } from '../../../local/host/http-functions.ts';
import { indexFunction } from '../../../local/host/indexing.ts';
import type { Binding } from '../../../local/host/rpc.ts';
import { StartError } from '../../../local/host/start-error.ts';
import { createTimers } from '../../../local/host/timer-functions.ts';
import { openTimerState } from '../../../local/host/timer-state.ts';

type Settings = Record<string, string>;

const indexOne = (trigger: Binding, name = 'one', settings: Settings = {}) =>
  indexFunction(
    { metadata: { name, bindings: { $return: { type: 'http' }, trigger } }, callback: () => undefined },
    settings,
  );

const route = (trigger: Partial<Binding>, settings: Settings = {}, prefix = '') =>
  routeFunctions([indexOne({ type: 'httpTrigger', methods: ['get'], ...trigger }, 'one', settings)], prefix, settings);

const ran: unknown[] = [];

const time = (trigger: Partial<Binding>, settings: Settings = {}) =>
  createTimers([indexOne({ type: 'timerTrigger', ...trigger })], settings, {
    clock: systemClock,
    state: openTimerState(undefined, () => undefined),
    run: (_target, timerInfo) => Promise.resolve(void ran.push(JSON.parse(timerInfo))),
  });

describe('a function', () => {
  test.each([
    ['httpTrigger', 'http'],
    ['timerTrigger', 'timer'],
    ['warmupTrigger', 'warmup'],
    ['queueTrigger', 'other'],
  ])('with a %s is of the kind %s', (type, kind) => {
    expect(indexOne({ type })).toMatchObject({ kind, triggerName: 'trigger', disabled: false });
  });

  test.each([
    ['AzureWebJobs.one.Disabled', 'True'],
    ['AzureWebJobs_one_Disabled', '1'],
  ])('is disabled by %s=%s, and has no route then', (setting, value) => {
    expect(indexOne({ type: 'httpTrigger' }, 'one', { [setting]: value }).disabled).toBe(true);
    expect(route({ route: 'x' }, { [setting]: value })('GET', ['x'])).toBeUndefined();
    expect(route({ route: 'x' }, { [setting]: 'false' })('GET', ['x'])).toBeDefined();
  });

  test.each(['', '1st', 'a b', 'host', 'HOST', 'a/b', 'å', 'a'.repeat(129)])('is refused with the name %j', (name) => {
    expect(() => indexOne({ type: 'httpTrigger' }, name)).toThrow(StartError);
  });

  test('is refused without a trigger', () => {
    expect(() => indexOne({ type: 'queue' })).toThrow(new StartError('The function "one" has no trigger.'));
  });
});

describe('an HTTP trigger', () => {
  test('has the name of its function as its route, where it has none', () => {
    expect(route({})('GET', ['one'])).toBeDefined();
    expect(route({ route: '' }, {}, 'api')('GET', ['api', 'one'])).toBeDefined();
  });

  test('takes settings in its route', () => {
    expect(route({ route: '%A%/%B%' }, { A: 'x', B: 'y' })('GET', ['x', 'y'])).toBeDefined();
    expect(() => route({ route: '%A%' })).toThrow(
      'The function "one" needs the app setting A ("%A%"), and it is not set.',
    );
  });

  test.each([
    [undefined, false],
    ['anonymous', false],
    ['Anonymous', false],
    ['function', true],
    ['admin', true],
  ])('of authLevel %j asks for a key: %j', (authLevel, needsKey) => {
    expect(route({ route: 'x', authLevel })('GET', ['x'])?.target.needsKey).toBe(needsKey);
  });

  test.each([
    [{ authLevel: 'everybody' }, 'authLevel'],
    [{ authLevel: 1 }, 'authLevel'],
    [{ methods: 'GET' }, 'methods'],
    [{ methods: [1] }, 'methods'],
    [{ route: 'admin' }, "host's own"],
    [{ route: 'Admin/x' }, "host's own"],
    [{ route: '/runtime/x' }, "host's own"],
  ])('is refused with %j', (trigger, reason) => {
    expect(() => route(trigger)).toThrow(StartError);
    expect(() => route(trigger)).toThrow(reason);
  });

  test('may begin with admin behind a prefix, or as part of a word', () => {
    expect(() => route({ route: 'admin' }, {}, 'api')).not.toThrow();
    expect(() => route({ route: 'administrators' })).not.toThrow();
  });
});

describe('a timer trigger', () => {
  test('takes its schedule from a setting', () => {
    expect(time({ schedule: '%TICK%' }, { TICK: '0 * * * * *' }).size).toBe(1);
    expect(() => time({ schedule: '%TICK%' }, { TICK: '' })).toThrow('needs the app setting TICK');
  });

  test.each([
    ['0 * * * * *', { Last: expect.any(String) }],
    ['0,30 * * * * *', null],
    ['*/59 * * * * *', null],
  ])('of %j has the status %j', async (schedule, status) => {
    const [timer] = time({ schedule }).values();
    await timer?.fire(false);
    expect(ran.at(-1)).toMatchObject({ ScheduleStatus: status });
  });

  test('has none where it asks not to be monitored', async () => {
    const [timer] = time({ schedule: '0 * * * * *', useMonitor: false }).values();
    await timer?.fire(false);
    expect(ran.at(-1)).toMatchObject({ ScheduleStatus: null });
  });

  test.each([
    [{}, 'has no schedule'],
    [{ schedule: 5 }, 'has no schedule'],
    [
      { schedule: '0 61 * * * *' },
      'The schedule "0 61 * * * *" of the timer "one" is not valid: "61" is no minute (0 to 59).',
    ],
  ])('is refused with %j', (trigger, reason) => {
    expect(() => time(trigger)).toThrow(StartError);
    expect(() => time(trigger)).toThrow(reason);
  });
});
