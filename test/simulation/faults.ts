import type { Phase, State } from '../../shared/rotation/record.ts';

/** What an instance asks of the world around it. */
export type Request =
  | 'read-record'
  | 'write-record'
  | 'read-key'
  | 'publish'
  | 'tag'
  | 'store-alternate'
  | 'probe-vault'
  | 'list'
  | 'authorize'
  | 'regenerate'
  | 'probe'
  | 'read-as-reader';

/** Where things stand when a request is made. */
export type Scene = {
  /** The state in the record; for a write, the one that is to be. */
  readonly state: State | undefined;
  /** The state in the record before a write. */
  readonly before: State | undefined;
  /** Whether the reader has nothing cached. */
  readonly isCold?: boolean;
};

/** A fault that strikes one request: the first that fits. */
type Strike = {
  readonly how: 'strike';
  readonly requests: readonly Request[];
  readonly fits?: (scene: Scene) => boolean;
};
/** A fault that lasts, from when it is due or from the first state that fits. */
type Spell = { readonly how: 'spell'; readonly begins?: (state: State | undefined) => boolean };
/** Something that is done from outside, when it is due and can be done. */
type Deed = { readonly how: 'deed' };
/** What holds for a whole history, and counts once it has shown. */
type Setting = { readonly how: 'setting' };

type Nature = Strike | Spell | Deed | Setting;

export const effects: readonly Request[] = ['publish', 'tag', 'store-alternate', 'regenerate'];
const isIn =
  (...phases: Phase[]) =>
  (state: State | undefined) =>
    state !== undefined && phases.includes(state.phase);
const isMidCycle = isIn('regenerating', 'settling', 'publishing', 'draining');
const strike = (requests: readonly Request[], fits?: Strike['fits']): Strike =>
  fits ? { how: 'strike', requests, fits } : { how: 'strike', requests };
const spell = (begins?: Spell['begins']): Spell => (begins ? { how: 'spell', begins } : { how: 'spell' });
const deed: Deed = { how: 'deed' };
const setting: Setting = { how: 'setting' };

const claims = ({ state }: Scene) =>
  state?.phase === 'regenerating' && state.intent !== undefined && !state.intent.look;
const recordsASwitch = ({ before, state }: Scene) => before?.phase === 'publishing' && state?.phase === 'draining';

/** Every kind of fault of `docs/rotation.md`, by its name. */
const natures = {
  'crash before a write': strike(['write-record']),
  'crash after a write': strike(['write-record']),
  'crash before an effect': strike(effects),
  'crash after an effect': strike(effects),
  'answer lost after regenerate': strike(['regenerate']),
  'regenerate executes late, after the list': strike(['regenerate']),
  '500, then 204': strike(['regenerate']),
  '429 with Retry-After in seconds': strike(['regenerate']),
  '429 with Retry-After as a date': strike(['regenerate']),
  '409 or 422': strike(['regenerate']),
  '401 or 403 from the control plane mid-cycle': spell(isMidCycle),
  'subscription suspended mid-cycle': spell(isMidCycle),
  'subscription deleted mid-cycle': spell(isMidCycle),
  'stale list': spell(isMidCycle),
  'list with an empty key': strike(['list']),
  'portal session expires mid-cycle': strike(['list', 'regenerate'], ({ state }) => isMidCycle(state)),
  'secret written, record not': strike(['write-record'], recordsASwitch),
  'answer lost after publish': strike(['publish']),
  'crash after tagging': strike(['tag'], ({ state }) => state?.phase === 'draining'),
  'Key Vault 429, 403 or 503 after regenerate': spell(isIn('settling')),
  'Key Vault read-only through a whole drain': spell(isIn('draining')),
  'visibility lag': setting,
  'older version read by a cold instance': strike(['read-as-reader'], ({ isCold }) => isCold === true),
  'newest version disabled': spell(),
  'newest version deleted': spell(),
  'newest version purged': spell(),
  'Key Vault down longer than C, before safeUntil': spell(),
  'Key Vault down longer than C, past safeUntil': spell(),
  'Key Vault not writable for longer than P': spell(),
  'Key Vault out of reach of one instance': spell(isMidCycle),
  'two timers at once': deed,
  'frozen worker wakes before its regenerate': strike(['write-record'], claims),
  'frozen worker wakes as it sends its regenerate': strike(['authorize']),
  'owner of an intent is slow': strike(['regenerate']),
  'intent taken over': setting,
  'storage down before a step': strike(['read-record']),
  'storage down mid-step': strike(['write-record']),
  'answer lost after a write': strike(['write-record']),
  'conflict in storage': strike(['write-record']),
  'burst of past-due ticks': deed,
  'no tick for days': spell(),
  'instance frozen longer than C': deed,
  'clock skew': setting,
  'clock jump': deed,
  'slow read that spans the switch': strike(['read-as-reader'], ({ state }) => isIn('publishing')(state)),
  'gateway lag G−1': setting,
  'gateway lag G+1': setting,
  'one gateway lagging': setting,
  'gateway offline while settling': spell(isIn('settling')),
  'probe answered by another node': setting,
  'probe 429': strike(['probe']),
  'probe without an answer': strike(['probe']),
  'active key regenerated by a person': deed,
  'other key regenerated by a person': deed,
  'old keys re-applied by Terraform': deed,
  'rollback while draining': deed,
  'rollback refused after the point of no return': deed,
  'pause and resume': deed,
  'start now': deed,
  'record corrupt': spell(),
  'record lost': deed,
  'emergency rotation': deed,
  'H changed mid-rotation': deed,
  'C changed mid-rotation': deed,
  'G changed mid-rotation': deed,
  'two subscriptions, one failing': setting,
} as const satisfies Record<string, Nature>;

export type FaultKind = keyof typeof natures;

export const faultKinds = Object.keys(natures) as readonly FaultKind[];
/** Those that a history names; the others come of its settings. */
export const plannedKinds = faultKinds.filter((kind) => natures[kind].how !== 'setting');

export function natureOf(kind: FaultKind): Nature {
  return natures[kind];
}

/** One fault of a history. */
export type Fault = {
  readonly kind: FaultKind;
  /** From when on it may happen: milliseconds since the start of the history. */
  readonly at: number;
  /** From 0, below 1: how long it lasts, how far it goes, whom it strikes. */
  readonly degree: number;
  /** What must have shown before: for a deed or a spell. */
  readonly after?: FaultKind;
  /** The one point of the history that it strikes, whatever its kind fits: 1 for the first. */
  readonly nth?: number;
};
