import type { Log } from './log.ts';
import { describeError } from './redaction.ts';

/** Tells of what nobody catches, a rejection included. It ends the worker all the same, and the platform starts another. */
export function reportUncaught(log: Log): void {
  process.on('uncaughtExceptionMonitor', (error) => log.error('unexpected-error', describeError(error)));
}
