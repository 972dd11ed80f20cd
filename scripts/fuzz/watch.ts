import { Worker } from 'node:worker_threads';
import { writeCrash } from './corpus.ts';
import type { Found, Report, Task } from './worker.ts';

export type Outcome = {
  readonly inputs: number;
  readonly kept: number;
  readonly crashes: readonly Found[];
  /** Why the search ended before its time. */
  readonly lost?: string;
};

/** For a batch of inputs, each of which takes a millisecond or so: a thread that says nothing for as long hangs. */
const patienceMs = 30_000;
/** Until its first inputs: it loads all that is searched, on a machine that may be busy with other searches. */
const startMs = 300_000;

/**
 * Has a thread search, and watches over it: what it was trying when it ended, or stopped to say anything, is written down as a crash.
 *
 * @param onProgress told every ten seconds.
 */
export function searchInThread(task: Task, onProgress: (outcome: Outcome) => void): Promise<Outcome> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: task });
  let batch: readonly string[] = [];
  let latest: Outcome = { inputs: 0, kept: 0, crashes: [] };

  return new Promise((resolve) => {
    let patience = setTimeout(() => lose('It does not start.'), startMs);
    const end = (outcome: Outcome) => {
      clearTimeout(patience);
      worker.removeAllListeners('exit');
      void worker.terminate();
      resolve(outcome);
    };
    const lose = (error: string) => {
      const crashes = batch.map((input) => ({
        file: writeCrash(task.target, input),
        error: `${error} One of a batch.`,
      }));
      end({ ...latest, crashes: [...latest.crashes, ...crashes], lost: error });
    };
    worker.on('message', (report: Report) => {
      clearTimeout(patience);
      patience = setTimeout(() => lose('It hangs.'), patienceMs);
      if (report.kind === 'batch') batch = report.inputs;
      else latest = report;
      if (report.kind === 'progress') onProgress(report);
      if (report.kind === 'done') end(report);
    });
    worker.on('error', (error) => lose(String(error)));
    worker.on('exit', () => lose('The thread ended.'));
  });
}
