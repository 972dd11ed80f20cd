import * as z from 'zod/mini';
import type { Clock } from '../../shared/clock.ts';
import { duration, parseBody } from '../stand-ins/steering.ts';
import type { Refusal } from '../stand-ins/steering.ts';

/** The clock of the services, which can be set apart from the broker's. */
export type ServiceClock = Clock & {
  /** The body of `POST /clock` of the control address. `undefined` when it was done. */
  steer(body: unknown): Refusal | undefined;
};

const schema = z.strictObject({ ahead: z.optional(duration), behind: z.optional(duration) });

/** Goes with another clock, until it is set ahead of it or behind it. Only the reading on the wall moves. */
export function createServiceClock(clock: Clock): ServiceClock {
  let offsetMs = 0;
  return {
    wall: () => clock.wall() + offsetMs,
    monotonic: () => clock.monotonic(),
    after: (delayMs, callback) => clock.after(delayMs, callback),
    steer: (body) => {
      const steering = parseBody(schema, body);
      if ('reason' in steering) return steering;
      const { ahead, behind } = steering;
      if ((ahead === undefined) === (behind === undefined)) return { reason: 'name one of ahead and behind' };
      offsetMs = ahead ?? -(behind ?? 0);
      return undefined;
    },
  };
}
