import type { RotationAnswer, RotationView } from '../../shared/http/contract/rotation.ts';
import type { Paint } from '../text/colours.ts';
import { absolute, both, relative } from '../text/moments.ts';
import { nextOf, notBefore } from './next.ts';
import { columns, table } from '../text/table.ts';

/** A rotation and its history for a person, in lines. */
export function rotationLines(
  { subscription, rotation, problem, history }: RotationAnswer,
  now: number,
  paint: Paint,
): string[] {
  return [
    paint('strong', subscription),
    ...(rotation ? standingLines(rotation, now, paint) : [`  ${absence(problem)}`]),
    ...(history.length > 0 ? ['', ...historyLines(history)] : []),
  ];
}

/** Why there is nothing to show of a rotation. */
export function absence(problem: string | null): string {
  switch (problem) {
    case 'not-rotated':
      return 'Its keys are not rotated: it has no rotation in the broker’s configuration.';
    case null:
    case 'no-record':
      return 'It has no record yet: the first tick of the rotation timer makes it.';
    default:
      return `Its record cannot be read (${problem}): nothing is rotated. broker doctor says more.`;
  }
}

/** In one line: `idle, generation 4, primary active; next regenerating-secondary in 27 d`. */
export function standingLine(rotation: RotationView, now: number): string {
  const { state, generation, activeSlot } = rotation;
  const marks = marksOf(rotation).map((mark) => `, ${mark}`);
  return `${state}, generation ${generation}, ${activeSlot} active${marks.join('')}; next ${nextOf(rotation, now)}`;
}

/** What would happen, with the moments before which it does not. */
export function planLines({ plan, paused }: RotationView, now: number): string[] {
  const rows = plan.map(({ state, notBefore: moment }, at) => [state, at === 0 ? 'now' : notBefore(moment, now)]);
  return [...(paused ? ['  Paused: no key is regenerated until it is resumed.'] : []), ...columns(rows)];
}

function standingLines(rotation: RotationView, now: number, paint: Paint): string[] {
  const { state, generation, activeSlot, primary, secondary, switchedOn, drainedOn, dueOn, lastFailure } = rotation;
  const marks = marksOf(rotation);
  const keyText = (slot: 'primary' | 'secondary', { fingerprint, promisedUntil }: RotationView['primary']) =>
    `${fingerprint}${slot === activeSlot ? ', active' : ''}${promisedUntil === null ? '' : `, promised until ${both(promisedUntil, now)}`}`;
  const failed =
    lastFailure &&
    `${lastFailure.reason}, ${lastFailure.times > 1 ? `${lastFailure.times} times in a row, last ` : ''}${relative(lastFailure.on, now)}`;
  return [
    ...columns([
      ['state', [state, ...marks].join(', ')],
      ['generation', String(generation)],
      ['primary key', keyText('primary', primary)],
      ['secondary key', keyText('secondary', secondary)],
      ['switched', both(switchedOn, now)],
      ...(drainedOn === null ? [] : [['drained', both(drainedOn, now)]]),
      ['due', both(dueOn, now)],
      ...(failed ? [['last failure', failed]] : []),
    ]),
    '',
    paint('strong', '  What comes, were everything to go well:'),
    ...planLines(rotation, now),
  ];
}

function marksOf({ paused, overdue, waitsForPerson, compromised }: RotationView): string[] {
  return [
    ...(paused ? ['paused'] : []),
    ...(overdue ? ['overdue'] : []),
    ...(waitsForPerson ? ['waits for a person'] : []),
    ...(compromised === null ? [] : [`${compromised} key compromised`]),
  ];
}

function historyLines(history: RotationAnswer['history']): string[] {
  const rows = history.map(({ on, from, to, event, generation, by, statedReason }) => [
    absolute(on),
    event,
    from === to ? to : `${from} -> ${to}`,
    generation,
    by,
    statedReason ?? '',
  ]);
  return table(['when', 'event', 'state', 'generation', 'by', 'reason'], rows);
}
