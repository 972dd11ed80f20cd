import type { Broker } from '../../local/stack/broker.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Control } from './calls.ts';

type Dependencies = {
  clock: Clock;
  broker: Pick<Broker, 'kill' | 'restart'>;
  control: Pick<Control, 'steer' | 'counts'>;
  /** Whether every API is answered for. */
  isServing: () => Promise<boolean>;
  /** Told of each kill, when the broker serves again. */
  onKill: (state: string, moment: string, downMs: number) => void;
};

/** Kills the broker once in each state of one subscription's cycle. */
export type Killer = {
  /** Takes note of the state that the cycle is now in. Resolves when no kill is under way; rejects when one could not be done. */
  enter(state: string): Promise<void>;
  kills(): number;
  /** From a kill until the broker serves again. */
  isAway(): boolean;
};

/** What a state does outside, caught at the service that it does it to. Both ways to be caught: before it is done, and after. */
type Effect = { target: 'management' | 'vault'; method: string; path: string; isDone: boolean };

const effects = (subscription: string): Readonly<Record<string, Effect>> => {
  const regenerate = (slot: string) => ({
    target: 'management' as const,
    method: 'POST',
    path: `*/subscriptions/${subscription}/regenerate${slot}Key`,
  });
  const publish = { target: 'vault' as const, method: 'PUT', path: `/secrets/${subscription}` };
  return {
    'regenerating-secondary': { ...regenerate('Secondary'), isDone: false },
    'publishing-secondary': { ...publish, isDone: true },
    'regenerating-primary': { ...regenerate('Primary'), isDone: true },
    'publishing-primary': { ...publish, isDone: false },
  };
};

/** How long after its beginning a state is interrupted that has no effect. */
const intoStateMs = 1_500;
const lookMs = 20;
/** How long an effect is waited for. */
const patienceMs = 20_000;

export function createKiller(
  { clock, broker, control, isServing, onKill }: Dependencies,
  subscription: string,
  states: readonly string[],
): Killer {
  const caught = effects(subscription);
  const left = new Set(states);
  let work = Promise.resolve();
  let kills = 0;
  let isAway = false;
  let baseline = 0;
  const pause = (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve));

  const unansweredOf = async ({ target, method, path }: Effect): Promise<number> => {
    const end = path.slice(path.startsWith('*') ? 1 : 0);
    const rows = await control.counts();
    const row = rows.find(
      (each) => each.target === target && each.method === method && each.status === 0 && each.path.endsWith(end),
    );
    return row?.count ?? 0;
  };

  /** Before the state begins: its effect comes with the next tick. */
  const prepareFor = async (state: string | undefined): Promise<void> => {
    const effect = state === undefined ? undefined : caught[state];
    if (!effect) return;
    const { isDone: after, ...which } = effect;
    baseline = await unansweredOf(effect);
    await control.steer('/faults', { ...which, after, hang: true, times: 1 });
  };

  const awaitEffect = async (effect: Effect): Promise<string> => {
    const until = clock.monotonic() + patienceMs;
    while ((await unansweredOf(effect)) <= baseline) {
      if (clock.monotonic() > until) throw new Error(`${effect.path} was not asked for.`);
      await pause(lookMs);
    }
    return effect.isDone ? 'its effect done, and not recorded' : 'its intent written, and its effect not done';
  };

  const killIn = async (state: string): Promise<void> => {
    const effect = caught[state];
    const moment = effect ? await awaitEffect(effect) : `after ${intoStateMs / 1_000} s`;
    if (!effect) await pause(intoStateMs);
    const killedAt = clock.monotonic();
    isAway = true;
    await broker.kill();
    await prepareFor(states[states.indexOf(state) + 1]);
    await broker.restart();
    while (!(await isServing())) await pause(lookMs);
    isAway = false;
    kills += 1;
    onKill(state, moment, clock.monotonic() - killedAt);
  };

  return {
    enter: (state) => {
      if (left.delete(state)) work = work.then(() => killIn(state));
      return work;
    },
    kills: () => kills,
    isAway: () => isAway,
  };
}
