import * as z from 'zod/mini';
import { count, fingerprint, flag, guid, list, moment, object, text } from './fields.ts';
import { rejectionAnswer } from './headers.ts';

const { credential, action } = rejectionAnswer.shape.rejection.shape;

/** One decision, as the trail keeps it. */
export const auditRecord = z.looseObject({
  time: moment('When.'),
  requestId: guid('The platform’s invocation id; the `requestId` of the answer.'),
  action: text('Such as `headers.hand-out` or `rotation.pause`.'),
  outcome: z.enum(['allowed', 'refused', 'failed']),
  code: z.nullable(text('Of the problem that was answered.')),
  reason: z.nullable(text('Why exactly.')),
  status: count('Of the answer.'),
  durationMs: z.optional(
    z
      .number()
      .check(z.minimum(0), z.meta({ description: 'From the request’s arrival until the decision. In milliseconds.' })),
  ),
  caller: z.optional(text('The caller’s name in the configuration.')),
  clientId: z.optional(guid('`azp` of the token.')),
  objectId: z.optional(guid('`oid` of the token.')),
  api: z.optional(text('The API.')),
  access: z.optional(text('The access level.')),
  key: z.optional(fingerprint('Of the key that was handed out.')),
  token: z.optional(fingerprint('Of the token that was handed out.')),
  expiresOn: z.optional(moment('Of the header set.')),
  rejected: z.optional(credential),
  rejection: z.optional(action),
  trail: z.optional(text('Of `audit.read`: whose records were read.')),
  subscription: z.optional(text('Of a steering call.')),
  statedReason: z.optional(text('What the operator gave as the reason.')),
  replayed: z.optional(flag('The command was carried out before, under the same Idempotency-Key.')),
});

/** `GET /v1/audit?caller=…&since=…[&until=…][&limit=…]` */
export const auditAnswer = object(
  {
    records: list(auditRecord, 'Newest first.'),
    complete: z.boolean().check(z.meta({ description: 'Whether these are all; false where `limit` cut them off.' })),
  },
  'What one caller asked for and was given.',
);

export type AuditAnswer = z.output<typeof auditAnswer>;
