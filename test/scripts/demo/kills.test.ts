import { expect, test } from '@jest/globals';
import { createKiller } from '../../../scripts/demo/kills.ts';
import { states } from '../../../scripts/demo/cycles.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const sid = 'okq8-core';
const regenerate = (slot: string) => ({ target: 'management', path: `/x/subscriptions/${sid}/regenerate${slot}Key` });
const publish = { target: 'vault', path: `/secrets/${sid}` };

test('the broker is killed once in each state, with an effect caught before or after it is done', async () => {
  const clock = createManualClock();
  const counts = new Map<string, { target: string; method: string; path: string; status: number; count: number }>();
  const [events, faults]: [string[], object[]] = [[], []];
  const log = (what: string) => async () => void events.push(what);
  const killer = createKiller(
    {
      clock,
      broker: { kill: log('kill'), restart: log('restart') },
      control: {
        counts: async () => Array.from(counts.values()),
        steer: async (_path, body) => void faults.push(body),
      },
      isServing: async () => events.push('ask') % 2 === 0,
      onKill: (state) => events.push(state),
    },
    sid,
    states,
  );
  const isKilled = () => events.length > 0;
  const hang = ({ target, path }: { target: string; path: string }) => {
    const method = target === 'vault' ? 'PUT' : 'POST';
    const before = counts.get(path)?.count ?? 0;
    counts.set(path, { target, method, path, status: 0, count: before + 1 });
  };
  const effects = new Map([
    ['regenerating-secondary', regenerate('Secondary')],
    ['publishing-secondary', publish],
    ['regenerating-primary', regenerate('Primary')],
    ['publishing-primary', publish],
  ]);

  for (const state of states) {
    const working = killer.enter(state);
    const effect = effects.get(state);
    await clock.advance(1_400);
    expect(isKilled()).toBe(false);
    if (effect) hang(effect);
    await clock.advance(200);
    await working;
    expect(events.slice(0, 3)).toEqual(['kill', 'restart', 'ask']);
    expect([events.at(-1), killer.isAway()]).toEqual([state, false]);
    events.length = 0;
    await killer.enter(state);
    expect(isKilled()).toBe(false);
  }
  expect(killer.kills()).toBe(9);
  expect(faults).toEqual([
    expect.objectContaining({ target: 'management', after: false, hang: true, times: 1 }),
    expect.objectContaining({ target: 'vault', path: '/secrets/okq8-core', after: true }),
    expect.objectContaining({ target: 'management', after: true }),
    expect.objectContaining({ target: 'vault', after: false }),
  ]);
});

test('an effect that does not come is an error', async () => {
  const clock = createManualClock();
  const nothing = async () => {};
  const killer = createKiller(
    {
      clock,
      broker: { kill: nothing, restart: nothing },
      control: { counts: async () => [], steer: nothing },
      isServing: async () => true,
      onKill: () => {},
    },
    sid,
    states,
  );
  const killing = killer.enter('publishing-primary');
  const failing = expect(killing).rejects.toThrow('/secrets/okq8-core was not asked for.');
  await clock.advance(21_000);
  await failing;
});
