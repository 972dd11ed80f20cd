import { nameOf, type RotationRecord, type State } from '../shared/rotation/record.ts';
import { exploreRotation, type Move } from './rotation-states.ts';

type Transition = { readonly from: string; readonly to: string; readonly when: string };

/** What leads from one state to the next when nothing goes wrong. */
const usual = {
  due: 'a cycle is due',
  regenerated: 'regenerated',
  accepted: 'accepted by every gateway, n times in a row',
  published: 'published',
  drained: 'drained',
};

const alerts: Readonly<Record<string, string>> = {
  'key-changed-outside': 'the active key was changed outside, and the gateways say so',
  'regenerate-not-seen': 'the new key is not listed after a quarantine',
};

/** Why one state is entered from another, where the step itself does not say. */
const reasons: Readonly<Record<string, string>> = {
  'idle settling': 'the active key is compromised, and the other has not settled',
  'draining settling': 'the active key is compromised, and the other has not settled',
  'regenerating settling': 'found to have been regenerated',
  'settling publishing': usual.accepted,
  'publishing settling': 'another key is listed',
  'publishing draining': 'another key is listed in the active slot',
  'draining regenerating': usual.drained,
  'draining idle': usual.drained,
  'idle publishing': 'the active key is compromised',
  'regenerating publishing': 'the active key is compromised',
  'draining publishing': 'the active key is compromised',
};

/** The part of `docs/rotation.md` that is made from what the machine does, in Markdown. */
export function renderRotationMachine(moves: readonly Move[] = exploreRotation()): string {
  const transitions = distinct(moves.flatMap(toTransition));
  const records = new Set(moves.map(({ to }) => JSON.stringify(to))).size;
  const steady = new Set(Object.values(usual));
  return [
    'When nothing goes wrong:',
    toDiagram(transitions.filter(({ when }) => steady.has(when))),
    `Every transition that there is. X is either slot and Y the other: ${records} different records, each with all that can be seen.`,
    toTable(foldMirrored(transitions)),
  ].join('\n\n');
}

function toTransition(move: Move): Transition[] {
  const [from, to] = [nameOf(move.from.state), nameOf(move.to.state)];
  return from === to ? [] : [{ from, to, when: whenOf(move) }];
}

function whenOf({ from, to, cause, event }: Move): string {
  if (cause.kind === 'fall-back') return 'gateways refuse the active key, and all accept the other';
  if (event === 'asked') return `asked for ${cause.kind}`;
  if (event === 'regenerated') return usual.regenerated;
  if (cause.kind === 'publish') return usual.published;
  if (cause.kind === 'switched')
    return isOwn(from.state, cause.slot) ? 'seen to be published' : 'a key is seen to be published by another hand';
  if (cause.kind !== 'enter') throw new Error(`A transition by ${cause.kind} has no name.`);
  if (cause.startsCycle) return usual.due;
  return cause.alert === undefined ? reasonOf(from, to.state) : named(alerts, cause.alert);
}

function isOwn(state: State, slot: string): boolean {
  return state.phase === 'publishing' && state.slot === slot;
}

function reasonOf({ state, compromised }: RotationRecord, to: State): string {
  if (to.phase === 'regenerating' && compromised === to.slot) return 'its key is compromised: no drain';
  return named(reasons, `${state.phase} ${to.phase}`);
}

/** A transition without a name is one that nobody has thought of. */
function named(names: Readonly<Record<string, string>>, key: string): string {
  const found = names[key];
  if (found === undefined) throw new Error(`The transition "${key}" has no name.`);
  return found;
}

function distinct(transitions: readonly Transition[]): Transition[] {
  const sorted = transitions.toSorted((one, other) => orderOf(one) - orderOf(other));
  return Array.from(new Map(sorted.map((one) => [JSON.stringify([one.from, one.to, one.when]), one])).values());
}

const phases = ['idle', 'regenerating', 'settling', 'publishing', 'draining'];
const steps = [
  'idle',
  ...['secondary', 'primary'].flatMap((slot) => phases.slice(1).map((phase) => `${phase}-${slot}`)),
];

function orderOf({ from, to, when }: Transition): number {
  const isUnusual = Object.values(usual).includes(when) ? 0 : 1;
  return (steps.indexOf(from) * 2 + isUnusual) * steps.length + steps.indexOf(to);
}

function toDiagram(transitions: readonly Transition[]): string {
  const id = (state: string) => state.replaceAll('-', '_');
  const states = steps.slice(1).map((state) => `  state "${state}" as ${id(state)}`);
  const arrows = transitions.map(({ from, to, when }) => `  ${id(from)} --> ${id(to)}: ${when}`);
  return ['```mermaid', 'stateDiagram-v2', ...states, '  [*] --> idle: adopted', ...arrows, '```'].join('\n');
}

/** One row for two transitions that are each the other's mirror. */
function foldMirrored(transitions: readonly Transition[]): Transition[] {
  const known = new Set(transitions.map((one) => JSON.stringify(one)));
  const folded = transitions.map((one) => (known.has(JSON.stringify(mirror(one))) ? generalise(one) : one));
  return Array.from(new Map(folded.map((one) => [JSON.stringify(one), one])).values());
}

function mirror({ from, to, when }: Transition): Transition {
  const other = (state: string) =>
    state.replace(/primary|secondary/, (slot) => (slot === 'primary' ? 'secondary' : 'primary'));
  return { from: other(from), to: other(to), when };
}

function generalise({ from, to, when }: Transition): Transition {
  const slot = /-(?<slot>.*)$/.exec(from === 'idle' ? to : from)?.groups?.['slot'];
  const name = (state: string) => state.replace(/-(.*)$/, (_all, own: string) => (own === slot ? '-X' : '-Y'));
  return { from: name(from), to: name(to), when };
}

function toTable(transitions: readonly Transition[]): string {
  const rows = transitions.map(({ from, to, when }) => `| \`${from}\` | \`${to}\` | ${when} |`);
  return ['| from | to | when |', '| --- | --- | --- |', ...rows].join('\n');
}
