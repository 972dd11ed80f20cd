import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Cleanup } from '../../local/stack/cleanup.ts';
import { copyRepository, withoutDefence } from './copy.ts';
import type { Figures } from './report.ts';
import type { Sabotage } from './sabotages.ts';

/** What became of the attacks without one defence. */
export type Proof = {
  readonly defence: string;
  /** How many came through. Absent where they could not be run. */
  readonly failures: number | undefined;
  readonly outcome: 'caught' | 'MISSED' | 'NOT RUN';
};

type Options = { sabotages: readonly Sabotage[]; copies: number; onProof: (proof: Proof) => void };

/** Takes each defence away in a copy, one at a time, and runs the attacks that must notice. In the order of the sabotages. */
export async function proveAll(cleanup: Cleanup, { sabotages, copies, onProof }: Options): Promise<readonly Proof[]> {
  const proofs: Proof[] = [];
  const queue = sabotages.entries();
  const work = async () => {
    const folder = await copyRepository(cleanup);
    for (const [index, sabotage] of queue) {
      const proof = await prove(folder, sabotage, cleanup);
      proofs[index] = proof;
      onProof(proof);
    }
  };
  await Promise.all(Array.from({ length: copies }, work));
  return proofs;
}

async function prove(folder: string, sabotage: Sabotage, cleanup: Cleanup): Promise<Proof> {
  const { defence, groups } = sabotage;
  const figures = await withoutDefence(folder, sabotage, () => attackCopy(folder, groups, cleanup));
  if (!figures) return { defence, failures: undefined, outcome: 'NOT RUN' };
  // Where nothing at all gets through, it was not the defence that was missed, but the app.
  const isAlive = figures.failures < figures.cases;
  if (!isAlive) return { defence, failures: figures.failures, outcome: 'NOT RUN' };
  return { defence, failures: figures.failures, outcome: figures.failures > 0 ? 'caught' : 'MISSED' };
}

/** Runs the attacks of a copy. @returns `undefined` where they did not come to an end. */
async function attackCopy(folder: string, groups: readonly string[], cleanup: Cleanup): Promise<Figures | undefined> {
  const named = groups.flatMap((group) => ['--group', group]);
  const child = spawn(process.execPath, ['scripts/attack.ts', '--json', ...named], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  cleanup.add(async () => void child.kill());
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await once(child, 'close');
  return output === '' ? undefined : (JSON.parse(output) as Figures);
}
