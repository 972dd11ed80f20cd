import * as z from 'zod/mini';
import { namePattern } from '../../names.ts';

/** Pieces of which the HTTP contract is made. `docs/openapi.json` is generated from it, so a description here is what its readers see. */

export const object = <T extends z.core.$ZodLooseShape>(shape: T, description: string) =>
  z.strictObject(shape).check(z.meta({ description }));

export const list = <T extends z.core.$ZodType>(item: T, description: string) =>
  z.array(item).check(z.meta({ description }));

export const name = (description: string) => z.string().check(z.regex(namePattern), z.meta({ description }));
export const text = (description: string) => z.string().check(z.meta({ description }));
export const flag = (description: string) => z.boolean().check(z.meta({ description }));
export const count = (description: string) => z.int().check(z.minimum(0), z.meta({ description }));
export const seconds = (description: string) =>
  z.int().check(z.minimum(0), z.meta({ description: `${description} In seconds.` }));
export const guid = (description: string) => z.guid().check(z.meta({ description }));
/** RFC 3339, in UTC, to the millisecond. */
export const moment = (description: string) => z.iso.datetime({ precision: 3 }).check(z.meta({ description }));
export const fingerprint = (description: string) =>
  z
    .string()
    .check(
      z.regex(/^[\w-]{12}$/),
      z.meta({ description: `${description} A keyed hash: it names a secret and tells nothing of it.` }),
    );
export const slot = (description: string) => z.enum(['primary', 'secondary']).check(z.meta({ description }));

/** The last time that something failed. */
export const failure = (description: string) =>
  z.nullable(
    object(
      {
        on: moment('When.'),
        reason: text(
          'Why: one of the reasons in `docs/problems.md`, or of a rotation’s failures in `docs/rotation.md`.',
        ),
        times: count('How often in a row.'),
      },
      description,
    ),
  );
