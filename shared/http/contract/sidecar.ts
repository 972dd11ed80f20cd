import * as z from 'zod/mini';
import { flag, object, text } from './fields.ts';
import { headersAnswer } from './headers.ts';

/** `GET` and `POST /AuthorizationHeader/{api}` */
export const authorizationHeaderAnswer = object(
  {
    authorizationHeader: z
      .string()
      .check(z.regex(/^Bearer \S+$/), z.meta({ description: 'What to send as `Authorization`.' })),
    headers: headersAnswer.shape.headers,
  },
  'What a sidecar answers, and the subscription key, which it does not know.',
);

const forceRefreshMeans = 'Loads key and token again first, at most once in 10 s.';

/** `POST /AuthorizationHeader/{api}` */
export const sidecarOptions = object(
  {
    acquireTokenOptions: z.optional(object({ forceRefresh: z.optional(flag(forceRefreshMeans)) }, 'Of the token.')),
  },
  'Of a sidecar’s options those that the broker has.',
);

/** `?optionsOverride.AcquireTokenOptions.ForceRefresh=…` */
export const forceRefresh = z
  .enum(['true', 'false'])
  .check(z.meta({ description: `${forceRefreshMeans} Neither its case nor that of the name matters.` }));

/** `GET /Validate` */
export const validateAnswer = object(
  {
    protocol: z.literal('Bearer').check(z.meta({ description: 'How the token was sent.' })),
    token: text('The caller’s own token.'),
    claims: z.record(z.string(), z.unknown()).check(z.meta({ description: 'What it says.' })),
  },
  'The token that the caller sent, which is good.',
);
