import type { Clock } from '../clock.ts';
import { withDeadline } from '../deadline.ts';
import { BrokerError } from '../errors.ts';
import type { AuditRecord } from './audit.ts';
import type { AuditStore } from './ports.ts';

type Dependencies = { clock: Clock; store: Pick<AuditStore, 'append'> };

/** Keeps records, all or none. @throws {BrokerError} when nobody knows that they are kept. */
export type Append = (records: readonly AuditRecord[]) => Promise<void>;

/**
 * Tries a second time where the first had no answer, or none that says anything. The same records are kept once or not at all, so that a second
 * attempt that finds them there has its answer: the first was done.
 *
 * @param limitMs for both attempts together, in milliseconds.
 */
export function createAppend({ clock, store }: Dependencies, limitMs: () => number): Append {
  const attempt = (records: readonly AuditRecord[]) =>
    withDeadline(clock, limitMs() / 2, 'storage-unavailable', (signal) => store.append(records, signal));

  return async (records) => {
    try {
      // Nobody else can have kept them: their keys hold the id of their request.
      if ((await attempt(records)) === 'there') throw new BrokerError('storage-refused');
    } catch (error) {
      if (!isUnanswered(error)) throw error;
      await attempt(records);
    }
  };
}

/** Whoever says when to come again has done nothing, and is not asked at once. */
function isUnanswered(error: unknown): boolean {
  return error instanceof BrokerError && error.reason === 'storage-unavailable' && error.retryAfterMs === undefined;
}
