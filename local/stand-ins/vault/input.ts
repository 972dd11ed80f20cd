import * as z from 'zod/mini';
import { parseBody } from '../steering.ts';
import type { Refusal } from '../steering.ts';
import type { Attributes } from './secrets.ts';

/** What `PUT` asks for. */
type NewVersion = { value: string; attributes: Attributes };

const maxTags = 15;
const maxTagLength = 256;
const maxValueBytes = 25 * 1024;
const moment = z.optional(z.int().check(z.nonnegative()));

/** At most 15 tags, names and values of at most 256 characters ("About Azure Key Vault secrets", tags). */
export const tags = z
  .record(z.string().check(z.maxLength(maxTagLength)), z.string().check(z.maxLength(maxTagLength)))
  .check(z.refine((given) => Object.keys(given).length <= maxTags, `a secret has at most ${maxTags} tags`));

// Key Vault overlooks members that it does not know.
const change = z.object({
  attributes: z.optional(z.object({ enabled: z.optional(z.boolean()), nbf: moment, exp: moment })),
  contentType: z.optional(z.string().check(z.maxLength(255))),
  tags: z.optional(tags),
});
const newVersion = z.extend(change, {
  value: z.string().check(z.refine((text) => Buffer.byteLength(text) <= maxValueBytes, 'a value has at most 25 KB')),
});

/** 1 to 127 letters, digits and hyphens. */
export function isSecretName(name: string): boolean {
  return /^[0-9a-zA-Z-]{1,127}$/.test(name);
}

/** Reads the body of a `PUT`. A version is enabled unless it says otherwise. */
export function parseNewVersion(body: Buffer): NewVersion | Refusal {
  const parsed = parseBody(newVersion, parseJson(body));
  return 'reason' in parsed ? parsed : { value: parsed.value, attributes: { enabled: true, ...toAttributes(parsed) } };
}

/** Reads the body of a `PATCH`. */
export function parseChange(body: Buffer): Partial<Attributes> | Refusal {
  const parsed = parseBody(change, parseJson(body));
  return 'reason' in parsed ? parsed : toAttributes(parsed);
}

function toAttributes({ attributes = {}, contentType, tags: given }: z.infer<typeof change>): Partial<Attributes> {
  const { enabled, nbf, exp } = attributes;
  return {
    ...(enabled !== undefined && { enabled }),
    ...(nbf !== undefined && { nbf }),
    ...(exp !== undefined && { exp }),
    ...(contentType !== undefined && { contentType }),
    ...(given && { tags: given }),
  };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
