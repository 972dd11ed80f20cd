import { readFileSync } from 'node:fs';

type Frame = {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
};
type Profile = {
  readonly nodes: readonly { readonly id: number; readonly callFrame: Frame }[];
  readonly samples: readonly number[];
  /** Microseconds. */
  readonly timeDeltas: readonly number[];
};

/** What a function costs by itself. */
export type Cost = { readonly where: string; readonly part: Part; readonly microseconds: number };

export const parts = [
  'the broker',
  '@azure/functions and triggers',
  'the local host',
  'Node.js',
  'garbage collection',
] as const;
type Part = (typeof parts)[number];

/** What each function of a .cpuprofile costs for one of so many requests, the most first. What is idle is left out. */
export function costOf(file: string, requests: number): Cost[] {
  return costOfProfile(JSON.parse(readFileSync(file, 'utf8')) as Profile, requests);
}

export function costOfProfile({ nodes, samples, timeDeltas }: Profile, requests: number): Cost[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const costs = new Map<string, Cost>();
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id);
    if (!frame || frame.functionName === '(idle)') continue;
    const where = describeFrame(frame);
    const microseconds = (costs.get(where)?.microseconds ?? 0) + (timeDeltas[index] ?? 0) / requests;
    costs.set(where, { where, part: partOf(frame), microseconds });
  }
  return Array.from(costs.values()).toSorted((a, b) => b.microseconds - a.microseconds);
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

/** @returns microseconds of each part, and of all. */
export function sumUp(costs: readonly Cost[]): ReadonlyMap<Part | 'all', number> {
  const sums = new Map<Part | 'all', number>(parts.map((part) => [part, 0]));
  for (const { part, microseconds } of costs) {
    for (const each of [part, 'all'] as const) sums.set(each, (sums.get(each) ?? 0) + microseconds);
  }
  return sums;
}
