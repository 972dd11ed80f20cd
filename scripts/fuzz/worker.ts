import { inspect } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import { readCorpus, writeCorpus, writeCrash } from './corpus.ts';
import { startCoverage } from './coverage.ts';
import { hunt, type Hunt } from './hunt.ts';
import { targets } from './targets.ts';
import { readWords } from './words.ts';

/** What one thread is to do. */
export type Task = { readonly target: string; readonly minutes: number; readonly seed: number };
/** What it tells: before each batch what it is about to try, now and then how far it is, and at the end what it found. */
export type Report =
  | { readonly kind: 'batch'; readonly inputs: readonly string[] }
  | {
      readonly kind: 'progress' | 'done';
      readonly inputs: number;
      readonly kept: number;
      readonly crashes: readonly Found[];
    };
/** An input that broke something: the file that has it, and what happened. */
export type Found = { readonly file: string; readonly error: string };

const progressMs = 10_000;

async function main({ target: name, minutes, seed }: Task): Promise<void> {
  const target = targets.find((each) => each.name === name);
  if (!target) throw new RangeError(`There is no target ${name}.`);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  const tell = (report: Report) => parentPort?.postMessage(report);
  const coverage = await startCoverage((url) => /\/(shared|client)\/[\w/.-]+\.ts$/.test(url));
  const endsAt = performance.now() + minutes * 60_000;
  let tellAt = performance.now() + progressMs;
  const found = await hunt(target, coverage, {
    corpus: readCorpus(name),
    words: readWords(),
    seed,
    onBatch: (inputs) => tell({ kind: 'batch', inputs }),
    mayGoOn: (soFar) => {
      const now = performance.now();
      if (now >= tellAt) {
        tellAt = now + progressMs;
        tell({ kind: 'progress', ...summarise(name, soFar) });
      }
      return now < endsAt;
    },
  });
  coverage.stop();
  writeCorpus(name, found.corpus);
  tell({ kind: 'done', ...summarise(name, found) });
}

function summarise(name: string, { inputs, corpus, crashes }: Hunt) {
  const found = crashes.map(({ input, error }) => ({ file: writeCrash(name, input), error: inspect(error) }));
  return { inputs, kept: corpus.length, crashes: found };
}

await main(workerData as Task);
