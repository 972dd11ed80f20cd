/** A line of the broker's log that tells of a rotation. */
export type RotationLine = {
  event: 'rotation-step' | 'rotation-alert' | 'rotation-failed';
  subscription: string;
  from?: string;
  to?: string;
  alert?: string;
  reason?: string;
};

/** The states of one cycle, in their order. It ends in the first. */
export const states = [
  'idle',
  ...(['secondary', 'primary'] as const).flatMap((slot) => [
    `regenerating-${slot}`,
    `settling-${slot}`,
    `publishing-${slot}`,
    `draining-${slot === 'primary' ? 'secondary' : 'primary'}`,
  ]),
];

/** Reads a line of the host's: time, level and function before what the broker logged. `undefined` for one about something else. */
export function readRotationLine(line: string): RotationLine | undefined {
  const text = line.slice(Math.max(0, line.indexOf('{')));
  if (!text.startsWith('{"event":"rotation-')) return undefined;
  return JSON.parse(text);
}

/** How far each subscription has come. */
export type Cycles = {
  /** Takes a line in. Returns the state that was entered, if that is another than before. */
  follow(line: RotationLine): string | undefined;
  stateOf(subscription: string): string | undefined;
  /** The states that each of the subscriptions has been in. */
  statesPassed(): number;
  /** Whether each has come back to where it began. */
  areComplete(): boolean;
};

const lastState = states.at(-1);

/** A state is taken from whatever line names it: the one that told of its beginning may have been lost with a broker that was killed. */
export function followCycles(subscriptions: readonly string[]): Cycles {
  const cycles = new Map(
    subscriptions.map((name) => [name, { now: 'none', passed: new Set<string>(), isComplete: false }]),
  );
  return {
    follow: ({ subscription, from, to }) => {
      const cycle = cycles.get(subscription);
      if (!cycle || from === undefined || to === undefined) return undefined;
      const before = cycle.now;
      for (const state of [from, to]) {
        if (cycle.now === lastState && state !== lastState) cycle.isComplete = true;
        cycle.now = state;
        if (states.includes(state)) cycle.passed.add(state);
      }
      return to === before ? undefined : to;
    },
    stateOf: (subscription) => cycles.get(subscription)?.now,
    statesPassed: () => Math.min(...Array.from(cycles.values(), ({ passed }) => passed.size)),
    areComplete: () => Array.from(cycles.values()).every(({ isComplete }) => isComplete),
  };
}
