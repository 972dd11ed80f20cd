import { systemClock } from '../../shared/clock.ts';
import type { Clock } from '../../shared/clock.ts';
import { createCleanup } from './cleanup.ts';
import type { Cleanup } from './cleanup.ts';

/** What a command starts with: where to remember what has to be closed, and how to end everything, because it is done or because something else ended. */
export type Run = { cleanup: Cleanup; signal: AbortSignal; end: () => void; fail: (reason: string) => void };

/** npm passes a signal on that the terminal has already sent to everyone: what comes this soon after the first is the same one. */
const echoMs = 500;
/** How often we look whether whoever started us is still there. */
const lookMs = 250;
/** When closing takes longer than anybody should wait. */
const limitMs = 4_900;

/**
 * Runs a command until it is done, or a signal ends it, or npm does: starts, waits, closes, exits. 0 after that, 1 when the start or something that runs failed, with one
 * sentence on stderr. A second signal ends it at once.
 */
export async function runUntilStopped(start: (run: Run) => Promise<void>, clock: Clock = systemClock): Promise<never> {
  const cleanup = createCleanup();
  const stopping = new AbortController();
  let failure: string | undefined;
  const fail = (reason: string): void => {
    failure ??= reason;
    stopping.abort();
  };
  outliveReaders();
  onSignals(stopping, clock);
  if (process.env.npm_lifecycle_event !== undefined) onOrphaned(stopping, clock);

  const stopped = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve()));
  void stopped.then(() => clock.after(limitMs, () => process.exit(1)));
  // What fails because a signal came in the middle of the start is no failure.
  const end = (): void => stopping.abort();
  const started = start({ cleanup, signal: stopping.signal, end, fail }).catch((error: unknown) => {
    if (!stopping.signal.aborted) fail(messageOf(error));
  });
  await Promise.all([started, stopped]);
  await cleanup.close().catch((error: unknown) => fail(messageOf(error)));
  if (failure !== undefined) process.stderr.write(`${failure}\n`);
  return process.exit(failure === undefined ? 0 : 1);
}

function onSignals(stopping: AbortController, clock: Clock): void {
  let firstAt: number | undefined;
  const onSignal = (): void => {
    if (firstAt !== undefined) {
      if (clock.monotonic() - firstAt > echoMs) process.exit(130);
      return;
    }
    firstAt = clock.monotonic();
    stopping.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
}

/** npm hands a signal that it is sent alone to the shell between it and us, which may end without a word. */
function onOrphaned(stopping: AbortController, clock: Clock): void {
  const parent = process.ppid;
  const look = (): void => {
    if (process.ppid === parent) clock.after(lookMs, look);
    else stopping.abort();
  };
  look();
}

/** Whoever read what we print may be gone before we are. */
function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
