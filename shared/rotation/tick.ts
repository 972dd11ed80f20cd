import type { Log } from '../telemetry/log.ts';

/** One tick of the rotation timer. Rotation arrives with the next step: until then a tick says so, and touches no key. */
export type Tick = (log: Log) => Promise<void>;

export function createTick(): Tick {
  return async (log) => log.info('rotation-not-yet');
}
