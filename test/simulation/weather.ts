import { nameOf, type State } from '../../shared/rotation/record.ts';
import { effects, natureOf, type Fault, type FaultKind, type Request, type Scene } from './faults.ts';

/** A write of the record, or an effect: before and after it somebody may crash. */
export type Point = { readonly request: Request; readonly state: string };

/** Which faults are about, and how many have shown, by kind. */
export type Weather = {
  readonly points: readonly Point[];
  /** The fault that strikes this request, if one does. It strikes once. */
  strike(request: Request, scene: Scene): Fault | undefined;
  /** The spell of one of these kinds that lasts now. It counts when it is first asked for. */
  during(...kinds: FaultKind[]): Spell | undefined;
  /** The state is now this one. */
  meet(state: State | undefined): void;
  /** Counts a fault that has shown. */
  note(kind: FaultKind): void;
  /** Counts a setting that has shown: once for a history. */
  show(kind: FaultKind): void;
  /** Whether it may happen now. */
  isDue(fault: Fault): boolean;
  clear(): void;
  isOver(): boolean;
};

export type Spell = { readonly fault: Fault; readonly until: number };
type Lasting = Spell & { isFelt: boolean; end: (() => void) | undefined };

type Effects = {
  /** How long a spell lasts, in milliseconds. */
  lengthOf: (fault: Fault) => number;
  /** Does what a spell does once, where it begins. Returns what undoes it. */
  begin: (spell: Spell) => (() => void) | undefined;
  count: (kind: FaultKind) => void;
};

export function createWeather(
  faults: readonly Fault[],
  start: number,
  now: () => number,
  { lengthOf, begin, count: tell }: Effects,
): Weather {
  const seen = new Set<FaultKind>();
  const count = (kind: FaultKind) => {
    seen.add(kind);
    tell(kind);
  };
  let strikes = faults.filter(({ kind }) => natureOf(kind).how === 'strike');
  let coming = faults.filter(({ kind }) => natureOf(kind).how === 'spell');
  let lasting: Lasting[] = [];
  let state: State | undefined;
  let isOver = false;
  const points: Point[] = [];
  const isDue = ({ at, after }: Fault) => now() >= start + at && (after === undefined || seen.has(after));

  const beginDue = () => {
    const begun = coming.filter((fault) => isDue(fault) && beginsIn(fault, state));
    if (begun.length === 0) return;
    coming = coming.filter((fault) => !begun.includes(fault));
    lasting.push(...begun.map(toLasting));
  };
  const toLasting = (fault: Fault): Lasting => {
    const spell = { fault, until: now() + lengthOf(fault) };
    const end = begin(spell);
    if (end) count(fault.kind);
    return { ...spell, isFelt: end !== undefined, end };
  };
  const endOver = () => {
    const over = lasting.filter(({ until }) => now() >= until);
    if (over.length === 0) return;
    lasting = lasting.filter((spell) => !over.includes(spell));
    for (const { end } of over) end?.();
  };

  return {
    points,
    strike: (request, scene) => {
      const isPoint = request === 'write-record' || effects.includes(request);
      if (isPoint) points.push({ request, state: scene.state ? nameOf(scene.state) : 'none' });
      if (strikes.length === 0) return undefined;
      const strikesHere = (fault: Fault) =>
        fault.nth === undefined
          ? isDue(fault) && strikesAt(fault, request, scene)
          : isPoint && fault.nth === points.length;
      const found = strikes.find(strikesHere);
      if (!found) return undefined;
      strikes = strikes.filter((fault) => fault !== found);
      count(found.kind);
      return found;
    },
    during: (...kinds) => {
      if (coming.length > 0) beginDue();
      if (lasting.length === 0) return undefined;
      endOver();
      const found = lasting.find(({ fault }) => kinds.includes(fault.kind));
      if (found && !found.isFelt) count(found.fault.kind);
      if (found) found.isFelt = true;
      return found;
    },
    meet: (met) => {
      state = met;
      beginDue();
    },
    note: count,
    show: (kind) => {
      if (!seen.has(kind)) count(kind);
    },
    isDue,
    clear: () => {
      for (const { end } of lasting) end?.();
      [strikes, coming, lasting] = [[], [], []];
      isOver = true;
    },
    isOver: () => isOver,
  };
}

function beginsIn({ kind }: Fault, state: State | undefined): boolean {
  const nature = natureOf(kind);
  return nature.how === 'spell' && (nature.begins?.(state) ?? true);
}

function strikesAt({ kind }: Fault, request: Request, scene: Scene): boolean {
  const nature = natureOf(kind);
  return nature.how === 'strike' && nature.requests.includes(request) && (nature.fits?.(scene) ?? true);
}
