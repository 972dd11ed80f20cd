import * as z from 'zod/mini';
import { duration, moment, momentMs, parseBody } from '../steering.ts';
import type { Refusal } from '../steering.ts';
import { tags } from './input.ts';
import { addVersion, changeVersion } from './secrets.ts';
import type { Attributes, Secret, Secrets } from './secrets.ts';

const schema = z.strictObject({
  value: z.optional(z.string()),
  enabled: z.optional(z.boolean()),
  expires: z.optional(moment),
  tags: z.optional(tags),
  delete: z.optional(z.literal(true)),
  recover: z.optional(z.literal(true)),
  lag: z.optional(duration),
  readOnly: z.optional(z.boolean()),
});

type VaultSteering = z.infer<typeof schema>;

/**
 * Carries out the body of `POST /vault/{secret}`. `lag` and `readOnly` come first, so that what is written with them already lags; a read-only secret
 * is still written by this hand. `enabled`, `expires` and `tags` are those of the newest version.
 */
export function steerSecret(secrets: Secrets, name: string, body: unknown, nowMs: number): Refusal | undefined {
  const steering = parseBody(schema, body);
  if ('reason' in steering) return steering;
  if (Object.keys(steering).length === 0)
    return { reason: 'name at least one of value, enabled, expires, tags, delete, recover, lag and readOnly' };
  const steered = apply(secrets.latest(name), name, steering, nowMs);
  if (steered && 'reason' in steered) return steered;
  const { lag, readOnly } = steering;
  secrets.behave(name, { ...(lag !== undefined && { lagMs: lag }), ...(readOnly !== undefined && { readOnly }) });
  if (steered) secrets.write(name, steered);
  return undefined;
}

/** The secret as it is then; `undefined` when its content stays. */
function apply(
  before: Secret | undefined,
  name: string,
  steering: VaultSteering,
  nowMs: number,
): Secret | Refusal | undefined {
  if (!before && steering.value === undefined) return { reason: 'there is no such secret; a value makes one' };
  if (!isAboutContent(steering)) return undefined;
  if (before?.deletedAt !== undefined) return recover(before, steering);
  if (steering.recover) return { reason: 'recover: the secret is not deleted' };
  const now = Math.floor(nowMs / 1000);
  const changed = changeNewest(before ?? { name, versions: [] }, steering, nowMs);
  return steering.delete ? { ...changed, deletedAt: now } : changed;
}

function recover({ name, versions }: Secret, { recover: isWanted }: VaultSteering): Secret | Refusal {
  return isWanted ? { name, versions } : { reason: 'the secret is deleted; recover it first' };
}

function changeNewest(secret: Secret, steering: VaultSteering, nowMs: number): Secret {
  const now = Math.floor(nowMs / 1000);
  const change = toChange(steering, nowMs);
  if (steering.value !== undefined) return addVersion(secret, steering.value, { enabled: true, ...change }, now);
  const newest = secret.versions.at(-1);
  return newest && Object.keys(change).length > 0 ? changeVersion(secret, newest.id, change, now) : secret;
}

function toChange({ enabled, expires, tags: given }: VaultSteering, nowMs: number): Partial<Attributes> {
  return {
    ...(enabled !== undefined && { enabled }),
    ...(expires && { exp: Math.floor(momentMs(expires, nowMs) / 1000) }),
    ...(given && { tags: given }),
  };
}

function isAboutContent(steering: VaultSteering): boolean {
  return Object.keys(steering).some((key) => key !== 'lag' && key !== 'readOnly');
}
