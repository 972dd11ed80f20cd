import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findCanaries } from '../../scripts/canaries.ts';
import { attributes, instruments } from '../../shared/telemetry/instruments.ts';
import { startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';
import type { Point, Read } from '../support/metrics-reader.ts';

const minute = 60_000;
let on: BrokerOnStack;
/** What a reader has read along the way. */
const reads: Read[] = [];
const read = async () => reads.push(await on.metrics());

beforeAll(async () => {
  on = await startBrokerOnStack({ storage: true });
  restart();
  await live();
}, 120_000);
afterAll(() => on.close());

/** A new worker, whose cycles are short. */
const restart = () =>
  on.restart((config) => ({
    ...config,
    subscriptions: config.subscriptions.map((subscription) => ({
      ...subscription,
      rotation: subscription.rotation && { ...subscription.rotation, everyMs: 10 * minute, promiseMs: 20 * minute },
    })),
  }));

/** Some of everything that the broker does, and of what can go wrong. */
async function live(): Promise<void> {
  await read();
  const token = await on.token('billing');
  for (const api of ['core', 'payments', 'core', 'payments']) await on.headers(api, { token });
  await on.ask('apis', 'v1/apis', { token });
  await read();
  await refuse();
  await fail();
  await rotate();
  await lose();
}

async function refuse(): Promise<void> {
  await on.headers('payments', { token: await on.token('reporting') });
  await on.headers('core', {});
  await read();
}

async function fail(): Promise<void> {
  restart();
  const token = await on.token('billing');
  await on.steer('/faults', 'POST', { target: 'entra', path: '**/keys', status: 503, times: 1 });
  await on.headers('payments', { token });
  await on.clock.advance(minute);
  await on.steer('/faults', 'POST', { target: 'entra', path: '**/token', status: 503, times: 1 });
  await on.headers('payments', { token });
  await on.steer('/faults', 'DELETE');
  const keep = on.lines.push.bind(on.lines);
  on.lines.push = (...lines) => {
    if (lines.some(({ event }) => event === 'audit')) throw new Error('The sink is full.');
    return keep(...lines);
  };
  const { status } = await on.headers('core', { token });
  on.lines.push = keep;
  expect(status).toBe(503);
  await read();
}

async function rotate(): Promise<void> {
  await on.steer('/faults', 'POST', { target: 'management', status: 503, times: 1 });
  await on.tick();
  await on.tick();
  await read();
  await on.clock.advance(9 * minute);
  await on.tick();
  // A cycle is due in this time, and no tick comes.
  await on.clock.advance(4 * minute);
  await on.headers('payments', { token: await on.token('billing') });
  await read();
  for (let at = 0; at < 60 && !(await hasPublished()); at += 1) {
    await on.clock.advance(minute);
    await on.tick();
  }
  await read();
}

/** Somebody regenerates both keys of a subscription, and a caller reports it. */
async function lose(): Promise<void> {
  const token = await on.token('bookkeeping');
  const { json } = await on.headers('loyalty', { token });
  await on.steer('/management/partner-loyalty', 'POST', { regenerate: 'primary' });
  await on.steer('/management/partner-loyalty', 'POST', { regenerate: 'secondary' });
  await on.clock.advance(minute);
  await on.ask('rejections', 'v1/headers/loyalty/rejections', {
    method: 'POST',
    token,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id: json.id, status: 401, body: 'invalid subscription key' }),
  });
  await read();
}

async function hasPublished(): Promise<boolean> {
  const generations = (await on.metrics()).get('token_broker.rotation.generation') ?? [];
  return generations.some(({ value }) => value > 1);
}

const pointsOf = (name: string) => reads.flatMap((each): readonly Point[] => each.get(name) ?? []);

describe('every instrument', () => {
  const all = Object.values(instruments);
  const [gauges, counting] = [all.filter(({ kind }) => kind === 'gauge'), all.filter(({ kind }) => kind !== 'gauge')];

  test.each(counting)('$name counts from its first measurement on', ({ name }) => {
    expect(pointsOf(name).length).toBeGreaterThan(0);
    expect(pointsOf(name).every((point) => (point.count ?? point.value) > 0)).toBe(true);
  });

  test.each(gauges)('$name moves', ({ name }) => {
    const shown = reads.flatMap((each) => (each.has(name) ? [JSON.stringify(each.get(name))] : []));
    expect(new Set(shown).size).toBeGreaterThan(1);
  });

  test.each(all)('$name has the attributes that it is documented with, each', (instrument) => {
    const names = pointsOf(instrument.name).flatMap((point) => Object.keys(point.attributes));
    expect(Array.from(new Set(names)).toSorted()).toEqual([...instrument.attributes].toSorted());
  });

  test('is documented', () => {
    const names = new Set(reads.flatMap((each) => [...each.keys()]));
    expect([...names].toSorted()).toEqual(
      Object.values(instruments)
        .map(({ name }) => name)
        .toSorted(),
    );
    const used = new Set(Object.values(instruments).flatMap((each): readonly string[] => each.attributes));
    expect([...used].toSorted()).toEqual(Object.keys(attributes).toSorted());
  });

  test('holds no secret', () => {
    const text = JSON.stringify(reads.map((each) => [...each]));
    expect(text.length).toBeGreaterThan(1_000);
    expect(findCanaries(text)).toEqual([]);
  });
});

const valueOf = (name: string, wanted: Point['attributes']) =>
  reads
    .at(-1)
    ?.get(name)
    ?.find((point) => Object.entries(wanted).every(([key, value]) => point.attributes[key] === value));

describe('what is counted', () => {
  test('hand-outs, by outcome, caller, API and code', () => {
    const name = 'token_broker.hand_outs';
    const billing = { 'token_broker.caller': 'billing' };
    const core = { ...billing, 'token_broker.api': 'core' };
    expect(valueOf(name, { ...core, 'token_broker.outcome': 'allowed' })?.value).toBe(2);
    expect(valueOf(name, { ...core, 'token_broker.outcome': 'failed' })).toEqual({
      attributes: { ...core, 'token_broker.outcome': 'failed', 'error.type': 'upstream-unavailable' },
      value: 1,
    });
    expect(valueOf(name, { 'token_broker.caller': 'reporting' })?.attributes).toMatchObject({
      'token_broker.outcome': 'refused',
      'error.type': 'forbidden',
    });
    expect(valueOf(name, { 'error.type': 'missing-token' })?.attributes).toEqual({
      'token_broker.outcome': 'refused',
      'error.type': 'missing-token',
    });
  });

  test('a key that was there, and one that had to be waited for', () => {
    const key = { 'token_broker.credential.kind': 'key' };
    // `core` and `payments` have a key each, and were asked for twice; once more of a worker that was new, and once when the key was old. That of
    // `loyalty` was asked for once, and once more after it was reported.
    expect(valueOf('token_broker.cache.requests', { ...key, 'token_broker.cache.result': 'miss' })?.value).toBe(6);
    expect(valueOf('token_broker.cache.requests', { ...key, 'token_broker.cache.result': 'hit' })?.value).toBe(3);
  });

  test('one audit record that could not be written', () => {
    expect(valueOf('token_broker.audit.failures', {})?.value).toBe(1);
  });

  test('a failed load, with its reason', () => {
    const failed = { 'token_broker.credential.kind': 'token', 'error.type': 'entra-unavailable' };
    expect(valueOf('token_broker.load.duration', failed)?.count).toBe(1);
  });
});

describe('what a caller sends', () => {
  const seriesOf = async () => Array.from(await on.metrics(), ([name, points]) => [name, points.length]);

  async function flood(from: number): Promise<void> {
    const [stranger, billing] = [await on.token('stranger'), await on.token('billing')];
    for (let at = from; at < from + 40; at += 1) {
      const token = [undefined, stranger, billing, `x${at}`][at % 4];
      const headers = { 'x-forwarded-for': `192.0.2.${at}`, traceparent: `${at}`, accept: `text/x${at}` };
      const method = at % 8 === 7 ? `VERB${at}` : 'GET';
      await on.headers(`no-such-api-${at}?access=level${at}`, { token, headers, method });
      await on.headers(`core?x${at}=1`, { token, headers });
    }
  }

  test('adds no series', async () => {
    await flood(0);
    const before = await seriesOf();
    await flood(1_000);
    expect(await seriesOf()).toEqual(before);
    const text = JSON.stringify([...(await on.metrics())]);
    expect(text).not.toMatch(/no-such-api|level\d|VERB|192\.0\.2|stranger/);
  });
});
