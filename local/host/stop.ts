import { systemClock, type Clock } from '../../shared/clock.ts';
import type { Core } from './core.ts';
import type { InFlight } from './in-flight.ts';
import { describeError, type Log } from './log.ts';
import type { HttpServer } from './server.ts';
import type { Timer } from './timers.ts';

type Dependencies = { server: HttpServer; timers: Timer[]; inFlight: InFlight; core: Core; log: Log; clock?: Clock };

const drainMs = 4_000;
const hooksMs = 500;

/** True where `work` is done within `ms`. */
function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => resolve(false));
    work.then(() => resolve(true), reject).finally(cancel);
  });
}

/** The orderly end: no new work, what is under way, then the appTerminate hooks. Bounded by 4.5 s. Never rejects. */
export function createStop({
  server,
  timers,
  inFlight,
  core,
  log,
  clock = systemClock,
}: Dependencies): () => Promise<void> {
  const drain = async (): Promise<void> => {
    server.stopAccepting();
    for (const timer of timers) timer.stop();
    if (await within(clock, drainMs, inFlight.idle())) return;
    log(
      'warning',
      'system',
      'host',
      `${inFlight.count()} invocations were still running ${drainMs / 1000} s after the stop, and are given up`,
    );
  };

  const runHooks = async (): Promise<void> => {
    try {
      const done = await within(
        clock,
        hooksMs,
        core.runHooks('appTerminate', { hookData: {}, appHookData: core.appHookData }),
      );
      if (!done) log('warning', 'system', 'host', 'an appTerminate hook took too long, and is given up');
    } catch (error) {
      log('error', 'system', 'host', `an appTerminate hook failed: ${describeError(error)}`);
    }
  };

  return async () => {
    await drain();
    await runHooks();
    server.cut();
  };
}
