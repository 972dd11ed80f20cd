import type { Clock } from '../clock.ts';
import type { Examine } from './examine.ts';
import { toReport, type Report } from './report.ts';

/** How long an examination may take: whoever waits for it over HTTP would otherwise give up first. */
const limitMs = 25_000;
/** How long its report is good enough for the next who asks. */
const reuseMs = 10_000;

/** Examinations on demand: one at a time, however many ask, and none within ten seconds of another. */
export function createExaminations(clock: Clock, examine: Examine): () => Promise<Report> {
  let latest: { report: Promise<Report>; goodUntil: number } | undefined;

  const run = async () => {
    const startedOn = clock.wall();
    const limit = new AbortController();
    const cancel = clock.after(limitMs, () => limit.abort());
    try {
      return toReport(await examine(limit.signal), startedOn);
    } finally {
      cancel();
    }
  };

  const start = () => {
    const started = { report: run(), goodUntil: Infinity };
    const end = (forMs: number) => () => void (started.goodUntil = clock.monotonic() + forMs);
    started.report.then(end(reuseMs), end(0));
    return started;
  };

  return () => {
    if (!latest || clock.monotonic() >= latest.goodUntil) latest = start();
    return latest.report;
  };
}
