type Frame = {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
};
/** As a .cpuprofile has it. */
export type CpuProfile = {
  readonly nodes: readonly { readonly id: number; readonly callFrame: Frame }[];
  readonly samples: readonly number[];
  /** Microseconds. */
  readonly timeDeltas: readonly number[];
};
type HeapNode = { readonly callFrame: Frame; readonly selfSize: number; readonly children: readonly HeapNode[] };
/** As a .heapprofile has it. */
export type HeapProfile = { readonly head: HeapNode };

/** What a function took by itself, once: microseconds, or bytes. */
export type Taken = { readonly frame: Frame; readonly amount: number };

/** What a function takes by itself for a request: microseconds, or bytes. */
export type Cost = { readonly where: string; readonly part: Part; readonly amount: number };

export const parts = [
  'the broker',
  '@azure/functions and triggers',
  'the local host',
  'Node.js',
  'garbage collection',
] as const;
type Part = (typeof parts)[number];

/** What an unwatched process does not do, or nothing. */
const isLeftOut = ({ functionName, url }: Frame) => functionName === '(idle)' || url === 'node:inspector';

/** The time of each sample, in microseconds. What is idle, and what the profiler itself takes, are left out. */
export function timesOf({ nodes, samples, timeDeltas }: CpuProfile): Taken[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  return samples.flatMap((id, index) => {
    const frame = frames.get(id);
    return frame && !isLeftOut(frame) ? [{ frame, amount: timeDeltas[index] ?? 0 }] : [];
  });
}

/** What each place has allocated, in bytes. */
export function allocationsOf({ head }: HeapProfile): Taken[] {
  const takenBelow = ({ callFrame, selfSize, children }: HeapNode): Taken[] => [
    { frame: callFrame, amount: selfSize },
    ...children.flatMap(takenBelow),
  ];
  return takenBelow(head);
}

/** What each function takes for one of so many requests, wherever it was called from, the most first. */
export function costOf(taken: readonly Taken[], requests: number): Cost[] {
  const costs = new Map<string, Cost>();
  for (const { frame, amount } of taken) {
    const where = describeFrame(frame);
    const before = costs.get(where)?.amount ?? 0;
    costs.set(where, { where, part: partOf(frame), amount: before + amount / requests });
  }
  return Array.from(costs.values()).toSorted((a, b) => b.amount - a.amount);
}

function describeFrame({ functionName, url, lineNumber, columnNumber }: Frame): string {
  if (url === '') return functionName === '' ? '(anonymous)' : functionName;
  const file = url.split('/').slice(-2).join('/');
  return `${functionName === '' ? '(anonymous)' : functionName} ${file}:${lineNumber + 1}:${columnNumber + 1}`;
}

function partOf({ functionName, url }: Frame): Part {
  if (url.endsWith('/broker.cjs')) return 'the broker';
  if (url.endsWith('/main.cjs')) return '@azure/functions and triggers';
  if (url.includes('/local/host/')) return 'the local host';
  return functionName === '(garbage collector)' ? 'garbage collection' : 'Node.js';
}

/** @returns what each part takes, and all. */
export function sumUp(costs: readonly Cost[]): ReadonlyMap<Part | 'all', number> {
  const sums = new Map<Part | 'all', number>(parts.map((part) => [part, 0]));
  for (const { part, amount } of costs) {
    for (const each of [part, 'all'] as const) sums.set(each, (sums.get(each) ?? 0) + amount);
  }
  return sums;
}
