import * as z from 'zod/mini';
import { accessLevelPattern } from '../../names.ts';
import { idempotencyKeyPattern } from '../idempotency-key.ts';
import { name, text } from './fields.ts';
import { commands } from './rotation.ts';

/** What requests carry beside a body: parts of the path, of the query, and headers of the broker's own. */

export const api = name('The API’s name in the configuration.');
export const access = z
  .string()
  .check(
    z.regex(accessLevelPattern),
    z.meta({ description: 'One of the API’s access levels. Default: the first that `/v1/apis` lists for it.' }),
  );
export const subscription = name('The subscription’s name in the configuration.');
export const command = z.enum(commands).check(z.meta({ description: 'What is asked of the rotation.' }));
export const idempotencyKey = z.string().check(
  z.regex(idempotencyKeyPattern),
  z.meta({
    description:
      'Yours to choose, a new one for each command: a UUID, for instance. A request that is sent again with the same key does nothing again.',
  }),
);
export const trail = z.string().check(
  z.regex(/^([a-z][a-z0-9-]{0,62}|_unknown|_operators)$/),
  z.meta({
    description:
      'The caller’s name in the configuration; `_operators` for theirs, `_unknown` for those whom no token told.',
  }),
);
export const since = text(
  'From when on: a moment of RFC 3339, or a duration back from now. Default `24h`. At most 31 days before `until`.',
);
export const until = text('Up to when, in the same way. Default: now.');
export const limit = z
  .int()
  .check(z.minimum(1), z.maximum(1_000), z.meta({ description: 'How many at most. Default 100.' }));
export const asset = z
  .string()
  .check(z.regex(/^[a-z][a-z0-9-]*\.(js|css|svg)$/), z.meta({ description: 'The file’s name.' }));
