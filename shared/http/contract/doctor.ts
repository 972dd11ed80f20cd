import * as z from 'zod/mini';
import { causeNames } from '../../doctor/causes.ts';
import { checks } from '../../doctor/finding.ts';
import { count, list, moment, object, text } from './fields.ts';

/** One thing that was looked at. */
const finding = object(
  {
    check: z.enum(checks).check(z.meta({ description: 'What was looked at.' })),
    subject: text('Of what: a name in the configuration, a setting’s, a scope, a gateway’s address, or a service.'),
    verdict: z.enum(['well', 'warning', 'fault', 'skipped']),
    cause: z.nullable(
      z.enum(causeNames).check(z.meta({ description: 'For a warning or a fault; `docs/doctor.md` has them all.' })),
    ),
    detail: z.nullable(text('What was seen, or why nothing was.')),
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
