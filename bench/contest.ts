import type { Cleanup } from '../local/stack/cleanup.ts';

/** What a contestant did in one round, by measure. */
export type Figures = Readonly<Record<string, number>>;

export type Bar = { readonly atMost: number } | { readonly atLeast: number };

/** What is held to a bar: a contestant's figure, or what it is to another's of the same round. */
export type Comparison = {
  readonly title: string;
  readonly measure: string;
  readonly of: string;
  /** Whose figure it is divided by. */
  readonly over?: string;
  /** Whose figure is taken from it. */
  readonly minus?: string;
  /** Absent where a figure is only told. */
  readonly bar?: Bar;
};

/** Those that are measured in turns, once a round, so that all see the same machine. */
export type Contest = {
  /** The unit of each measure. */
  readonly units: Readonly<Record<string, string>>;
  readonly contestants: Readonly<Record<string, () => Promise<Figures>>>;
  readonly comparisons: readonly Comparison[];
};

/** What a row's process offers: where to leave what has to be closed, and when to stop. */
export type Surroundings = { readonly cleanup: Cleanup; readonly signal: AbortSignal };

/** One row of the table. */
export type Row = {
  readonly title: string;
  /** How the figures come about, for who reads them. */
  readonly how: string;
  /** What is to be said of the figures once they are known: above all why a bar is missed, and what was tried. */
  readonly note?: string;
  /** Unless others are asked for. */
  readonly rounds: number;
  /** Whether a round goes before them that does not count. Default: it does. */
  readonly warmsUp?: boolean;
  prepare(surroundings: Surroundings): Promise<Contest>;
};

/** The figures of all rounds: by contestant, and by measure. */
export type Rounds = ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>;

type ContestOptions = {
  readonly rounds: number;
  readonly warmsUp?: boolean | undefined;
  readonly signal: AbortSignal;
  /** Told before each round: 1 is the first that counts. */
  readonly onRound?: (round: number) => void;
};

/** Runs a contest. */
export async function holdContest(
  { contestants }: Pick<Contest, 'contestants'>,
  { rounds, warmsUp = true, signal, onRound }: ContestOptions,
): Promise<Rounds> {
  const all = new Map(Object.keys(contestants).map((name) => [name, new Map<string, number[]>()]));
  for (let round = warmsUp ? -1 : 0; round < rounds; round += 1) {
    onRound?.(round + 1);
    for (const [name, run] of Object.entries(contestants)) {
      signal.throwIfAborted();
      const figures = await run();
      if (round >= 0) add(all.get(name), figures);
    }
  }
  return all;
}

function add(known: Map<string, number[]> | undefined, figures: Figures): void {
  for (const [measure, figure] of Object.entries(figures)) {
    known?.set(measure, [...(known.get(measure) ?? []), figure]);
  }
}
