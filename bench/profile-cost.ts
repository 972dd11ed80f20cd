import { readFileSync } from 'node:fs';

type Profile = {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
      readonly columnNumber: number;
    };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
};

export type Cost = { readonly where: string; readonly share: number };

/** What each function of a .cpuprofile costs by itself, as a share of what is not idle; the most first. */
export function costOf(file: string): Cost[] {
  return costOfProfile(JSON.parse(readFileSync(file, 'utf8')) as Profile);
}

export function costOfProfile({ nodes, samples, timeDeltas }: Profile): Cost[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, describeFrame(callFrame)]));
  const costs = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const where = names.get(id) ?? '';
    if (where !== '(idle)') costs.set(where, (costs.get(where) ?? 0) + (timeDeltas[index] ?? 0));
  }
  const all = Array.from(costs.values()).reduce((sum, cost) => sum + cost, 0);
  return Array.from(costs, ([where, cost]) => ({ where, share: cost / all })).toSorted((a, b) => b.share - a.share);
}

function describeFrame({ functionName, url, lineNumber, columnNumber }: Profile['nodes'][number]['callFrame']): string {
  if (url === '') return functionName === '' ? '(anonymous)' : functionName;
  const file = url.split('/').slice(-2).join('/');
  return `${functionName === '' ? '(anonymous)' : functionName} ${file}:${lineNumber + 1}:${columnNumber + 1}`;
}
