import * as z from 'zod/mini';
import { count, list, moment, object, text } from './fields.ts';

/** One thing that was looked at. */
const finding = object(
  {
    check: text('What was looked at, such as `client-secret`, `token`, `key` or `rotation-record`.'),
    subject: text('Of what: a name in the configuration, or a setting’s.'),
    verdict: z.enum(['well', 'warning', 'fault', 'skipped']),
    cause: z.nullable(text('For a warning or a fault: one of the causes in `docs/doctor.md`.')),
    detail: z.nullable(text('What was seen, in a sentence.')),
    remedy: z.nullable(text('What to do.')),
  },
  'One finding.',
);

/** `POST /v1/doctor` */
export const doctorAnswer = object(
  {
    examinedOn: moment('When.'),
    well: count('How many checks found nothing.'),
    warnings: count('How many warn.'),
    faults: count('How many found a fault.'),
    findings: list(finding, 'In the order in which things depend on one another.'),
  },
  'What was examined, and what was found. Nothing is changed.',
);

export type Finding = z.output<typeof finding>;
export type DoctorAnswer = z.output<typeof doctorAnswer>;
