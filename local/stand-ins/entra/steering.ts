import * as z from 'zod/mini';
import { duration, moment, parseBody } from '../steering.ts';
import type { Refusal } from '../steering.ts';

const schema = z.strictObject({
  tokenLifetime: z.optional(duration),
  rollKeys: z.optional(z.literal(true)),
  dropKeys: z.optional(z.literal(true)),
  secret: z.optional(
    z.strictObject({ client: z.string(), value: z.string().check(z.minLength(1)), expires: z.optional(moment) }),
  ),
  certificate: z.optional(z.strictObject({ client: z.string(), pem: z.string() })),
  federated: z.optional(z.strictObject({ client: z.string(), issuer: z.string(), subject: z.string() })),
  revokeTokens: z.optional(z.literal(true)),
});

/** `POST /entra`, its durations in milliseconds. */
export type EntraSteering = z.infer<typeof schema>;

/** Reads the body of `POST /entra`. */
export function parseEntraSteering(body: unknown): EntraSteering | Refusal {
  const steering = parseBody(schema, body);
  if ('reason' in steering || Object.keys(steering).length > 0) return steering;
  return {
    reason: 'name at least one of tokenLifetime, rollKeys, dropKeys, secret, certificate, federated and revokeTokens',
  };
}
