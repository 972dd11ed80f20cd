import * as z from 'zod/mini';
import { parseDuration } from '../../shared/config/duration.ts';

/** Why something was not done, in words for who asked for it. Names no value that was given. */
export type Refusal = { reason: string };

/** Milliseconds, from the text that people write: `250ms`, `90s`, `5m`. */
export const duration = z.pipe(
  z
    .string()
    .check(z.refine((text) => parseDuration(text) !== undefined, 'must be a duration such as 250ms, 90s or 5m')),
  z.transform((text: string) => parseDuration(text) ?? 0),
);

/** A moment: a duration from now on, or a date and time with its zone (ISO 8601). Milliseconds, from now or since the Unix epoch. */
export const moment = z.union(
  [
    z.pipe(
      duration,
      z.transform((fromNowMs: number) => ({ fromNowMs })),
    ),
    z.pipe(
      z.iso.datetime({ offset: true }),
      z.transform((text: string) => ({ atMs: Date.parse(text) })),
    ),
  ],
  'must be a duration from now such as 90s, or a date and time such as 2026-11-24T03:05:00Z',
);

/** Milliseconds since the Unix epoch. */
export function momentMs(when: z.infer<typeof moment>, nowMs: number): number {
  return 'atMs' in when ? when.atMs : nowMs + when.fromNowMs;
}

const { localeError } = z.locales.en();

/** What the schema makes of a body, or all that is wrong with it at once. The reason names no value of the body's. */
export function parseBody<T extends object>(schema: z.ZodMiniType<T>, body: unknown): T | Refusal {
  const result = schema.safeParse(body, { error: localeError });
  return result.success ? result.data : { reason: result.error.issues.map(describe).join('; ') };
}

function describe({ path, message }: z.core.$ZodIssue): string {
  return path.length > 0 ? `${path.join('.')}: ${message}` : message;
}
