import * as z from 'zod/mini';
import { duration, parseBody } from '../steering.ts';
import type { Refusal } from '../steering.ts';
import { subscriptionStates } from './subscriptions.ts';

const count = z.int().check(z.nonnegative());

/** Without `instance` every gateway is meant, and without `subscription` every subscription. */
const gatewaySteering = z.strictObject({
  subscription: z.optional(z.string()),
  instance: z.optional(count),
  state: z.optional(z.enum(subscriptionStates)),
  quota: z.optional(z.union([count, z.strictObject({ calls: count, per: duration }), z.null()])),
  propagation: z.optional(duration),
  offline: z.optional(z.boolean()),
});

const managementSteering = z.strictObject({
  regenerate: z.optional(z.enum(['primary', 'secondary'])),
  restore: z.optional(z.literal(true)),
  late: z.optional(duration),
});

/** `POST /gateway`, its durations in milliseconds. */
export type GatewaySteering = z.infer<typeof gatewaySteering>;

/** `POST /management/{subscription}`, its durations in milliseconds. */
export type ManagementSteering = z.infer<typeof managementSteering>;

/** Reads the body of `POST /gateway`; `state` and `quota` belong to one subscription. */
export function parseGatewaySteering(body: unknown): GatewaySteering | Refusal {
  const steering = parseBody(gatewaySteering, body);
  if ('reason' in steering) return steering;
  const isForOne = steering.state !== undefined || steering.quota !== undefined;
  if (isForOne && steering.subscription === undefined)
    return { reason: 'subscription: name the one whose state or quota is meant' };
  const does = isForOne || steering.propagation !== undefined || steering.offline !== undefined;
  return does ? steering : { reason: 'name at least one of state, quota, propagation and offline' };
}

/** Reads the body of `POST /management/{subscription}`. */
export function parseManagementSteering(body: unknown): ManagementSteering | Refusal {
  const steering = parseBody(managementSteering, body);
  if ('reason' in steering || Object.keys(steering).length > 0) return steering;
  return { reason: 'name at least one of regenerate, restore and late' };
}
