import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build as bundle } from 'esbuild';
import type { Cleanup } from '../../local/stack/cleanup.ts';
import { commonOptions } from '../../scripts/bundle-options.ts';
import type { Row } from '../contest.ts';

const sizes = [1_000, 10_000, 100_000];
const program = join(import.meta.dirname, '../subjects/many-callers-process.ts');

export const row: Row = {
  title: 'Memory',
  how:
    'The heap after a full collection, when 1,000, 10,000 and 100,000 callers have asked within ten minutes of a simulated clock, each with a token of its own, for one of 1,000 APIs: the whole route, ' +
    'with the real verifier, policy, rate limits and caches, over upstreams in memory, bundled as the app is, in a process of its own. The heap holds the configuration of all 100,000 callers from the start. ' +
    'The verifier remembers up to 10,000 tokens, and after them nothing is to grow.',
  note:
    'What is added up to 10,000 callers is what the verifier remembers, less than half a kilobyte for a token; it is a fixed amount, and a larger share of the heap where the configuration names fewer ' +
    'callers than there are tokens.',
  rounds: 1,
  warmsUp: false,
  prepare: async ({ cleanup }) => {
    const heapAfter = await startManyCallers(cleanup);
    const after = (count: number) => async () => ({ heap: (await heapAfter(count)) / 1e6 });
    const against = { measure: 'heap', of: nameOf(100_000) };
    return {
      units: { heap: 'MB' },
      contestants: Object.fromEntries(sizes.map((size) => [nameOf(size), after(size)])),
      comparisons: [
        { ...against, title: 'after 100,000, of what it is after 1,000', over: nameOf(1_000), bar: { atMost: 1.1 } },
        { ...against, title: 'after 100,000, of what it is after 10,000', over: nameOf(10_000) },
        { ...against, title: 'what 99,000 callers have added, MB', minus: nameOf(1_000) },
      ],
    };
  },
};

function nameOf(size: number): string {
  return `after ${size.toLocaleString('en-US')} callers`;
}

/** @returns the heap, in bytes, once so many callers have asked. */
async function startManyCallers(cleanup: Cleanup): Promise<(count: number) => Promise<number>> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-memory-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  const outfile = join(folder, 'main.cjs');
  await bundle({ ...commonOptions, entryPoints: [program], outfile, minify: true, sourcemap: false });
  const child = fork(outfile, { execArgv: ['--expose-gc'] });
  cleanup.add(
    async () => void child.kill(),
    () => child.kill(),
  );
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('The process with the callers ended.')));
  ended.catch(() => {});
  return async (count) => {
    child.send(count);
    const [{ heap }] = (await Promise.race([once(child, 'message'), ended])) as [{ heap: number }];
    return heap;
  };
}
