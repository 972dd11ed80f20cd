import * as z from 'zod/mini';
import { reasonsByCode, type Code } from '../../errors.ts';
import { count, guid, list, moment, name, object, seconds, text } from './fields.ts';

const headerSet = {
  id: z.string().check(
    z.regex(/^hs_[\w-]{12,40}$/),
    z.meta({
      description:
        'Names the header set as this caller was given it. It carries fingerprints, not secrets, and is nobody else’s to report.',
    }),
  ),
  api: name('The API.'),
  baseUrl: text('Where the API is called, without a slash at its end.'),
  headers: z.record(z.string(), z.string()).check(
    z.meta({
      description: 'The headers to send: `Ocp-Apim-Subscription-Key`, and `Authorization` where the API takes a token.',
    }),
  ),
  expiresOn: moment('Until then both credentials are good, whatever is rotated or restarted meanwhile.'),
  expiresIn: seconds('The same, from now.'),
  refreshOn: moment('From then on ask for a new set.'),
  refreshIn: seconds('The same, from now.'),
};

/** `GET /v1/headers/{api}` as `application/json` */
export const headersAnswer = object(headerSet, 'A header set.');

/** `POST /v1/headers/{api}/rejections` */
export const rejectionRequest = object(
  {
    id: headerSet.id,
    status: z.literal([401, 403, 429]).check(z.meta({ description: 'What the API answered.' })),
    body: z.optional(
      z
        .string()
        .check(
          z.maxLength(4_096),
          z.meta({ description: 'The beginning of the API’s answer. The broker keeps nothing of it.' }),
        ),
    ),
  },
  'An API’s refusal of a header set.',
);

export const rejectionAnswer = object(
  {
    ...headerSet,
    rejection: object(
      {
        credential: z
          .enum(['key', 'token', 'none'])
          .check(z.meta({ description: 'What was found to have been refused.' })),
        action: z
          .enum([
            'replaced',
            'superseded',
            'unchanged',
            'alternate',
            'key-refused',
            'source-down',
            'limited',
            'forbidden',
            'throttled',
          ])
          .check(z.meta({ description: 'What came of it; `docs/rejections.md` says what each means.' })),
      },
      'What the broker made of it.',
    ),
  },
  'The header set that is current now.',
);

/** `GET /v1/apis` */
export const apisAnswer = object(
  {
    apis: list(
      object(
        {
          api: name('The API.'),
          baseUrl: text('Where it is called.'),
          accessLevels: list(text('An access level.'), 'What `access` may name; empty where the key is enough.'),
        },
        'One API.',
      ),
      'What this caller may ask for, in the order of the configuration.',
    ),
  },
  'The APIs of a caller.',
);

/** RFC 9457 */
export const problem = object(
  {
    type: text('Where the problem is explained, relative to the broker.'),
    title: text('The problem, in short.'),
    status: count('The answer’s status.'),
    detail: text('What to do.'),
    code: z.enum(Object.keys(reasonsByCode) as Code[]).check(z.meta({ description: 'For programs.' })),
    requestId: guid('Names the request in audit records and logs.'),
  },
  'A problem document.',
);
