import type { Figures, Refusal } from './load.ts';

/** What the demonstration came to, under the names that `--json` prints. */
export type Outcome = Figures & {
  usesPerSecond: number;
  /** Of the nine states of a cycle, those that every rotated subscription has been in. */
  statesPassed: number;
  kills: number;
  /** From the first request to the end of the last cycle. */
  seconds: number;
  /** Of every rotated subscription. */
  bothKeysChanged: boolean;
};

const leastUsesPerSecond = 200;

/** Why the demonstration does not show what it is to show; empty when it does. */
export function problemsOf(outcome: Outcome, expected: { states: number; kills: number }): string[] {
  const { refusals, bothKeysChanged, usesPerSecond, statesPassed, kills } = outcome;
  return [
    ...(refusals > 0 ? [`Refused: ${refusals}.`] : []),
    ...(bothKeysChanged ? [] : ['Not both keys changed.']),
    ...(usesPerSecond < leastUsesPerSecond ? [`Fewer than ${leastUsesPerSecond} uses a second.`] : []),
    ...(statesPassed < expected.states ? ['Not every state was passed.'] : []),
    ...(kills < expected.kills ? ['The broker was not killed in every state.'] : []),
  ];
}

export function describeOutcome(outcome: Outcome): string {
  const rows: [string, string][] = [
    ['header sets issued', count(outcome.headerSets)],
    ['uses', `${count(outcome.uses)} (${count(outcome.usesPerSecond)} a second)`],
    ['refusals', count(outcome.refusals)],
    ['asked again', `${count(outcome.askedAgain)} times, the broker being away`],
    ['both keys changed', outcome.bothKeysChanged ? 'yes' : 'no'],
    ['states passed', count(outcome.statesPassed)],
    ['kills', count(outcome.kills)],
    ['seconds', count(outcome.seconds)],
  ];
  return `\n${rows.map(([name, value]) => `  ${name.padEnd(20)}${value}\n`).join('')}`;
}

export function describeRefusal({ by, api, status, gateway, id, ageMs, leftMs }: Refusal): string {
  if (by === 'broker') return `REFUSED by the broker: ${api}, status ${status}`;
  const life = `${seconds(ageMs)} s old, good for another ${seconds(leftMs)} s`;
  return `REFUSED by gateway ${gateway}: ${api}, status ${status}, ${id}, ${life}`;
}

export function describeFigures({ headerSets, uses, refusals }: Figures): string {
  return `${count(headerSets)} header sets, ${count(uses)} uses, ${count(refusals)} refusals`;
}

const count = (value: number): string => Math.round(value).toLocaleString('en');
const seconds = (ms = 0): string => (ms / 1_000).toFixed(1);
