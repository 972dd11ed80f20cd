import * as z from 'zod/mini';
import { count, failure, fingerprint, flag, list, moment, name, object, slot, text } from './fields.ts';

/** What an operator may ask of a rotation: the last part of `POST /v1/rotations/{subscription}/{command}`. */
export const commands = ['start', 'pause', 'resume', 'rollback', 'emergency'] as const;

const planned = object(
  { state: text('Such as `settling-secondary`.'), notBefore: moment('It is not entered before.') },
  'One state of a cycle.',
);

const keyFacts = (which: string) =>
  object(
    {
      fingerprint: fingerprint(`Of the ${which} key, as it was last listed.`),
      promisedUntil: z.nullable(moment('It is not regenerated before; null where nothing is promised.')),
    },
    `The ${which} slot.`,
  );

export const rotation = object(
  {
    state: text('`idle`, or a phase and its slot, such as `draining-primary`.'),
    generation: count('How often a key was published.'),
    activeSlot: slot('The slot whose key is handed out.'),
    primary: keyFacts('primary'),
    secondary: keyFacts('secondary'),
    switchedOn: moment('When the active slot’s key was seen to be the published one.'),
    drainedOn: z.nullable(
      moment('When the last header set with the retiring key has ended; null unless the state is draining.'),
    ),
    dueOn: moment('When the next cycle may start.'),
    paused: flag('No key is regenerated.'),
    compromised: z.nullable(slot('A slot whose key is compromised and not yet regenerated.')),
    waitsForPerson: flag('A person must regenerate a key in the portal, and store it as the alternate secret.'),
    overdue: flag('A cycle should have started, or the present state ended, and has not.'),
    lastFailure: failure('Why a step was last not taken.'),
    plan: list(
      planned,
      'What would happen up to the end of the cycle, were everything to go well. The first is where it stands.',
    ),
  },
  'Where the rotation of one subscription stands.',
);

const historyEntry = object(
  {
    on: moment('When.'),
    from: text('The state before; `none` for a first record.'),
    to: text('The state after.'),
    event: text('What happened, such as `switched`, or `asked-to-pause`.'),
    generation: count('Of the published key, afterwards.'),
    by: text('The worker, or the operator’s object id.'),
    statedReason: z.nullable(text('What the operator gave as the reason.')),
  },
  'One line of a rotation’s history.',
);

/** `GET /v1/rotations/{subscription}` */
export const rotationAnswer = object(
  {
    subscription: name('The subscription’s name in the configuration.'),
    rotation: z.nullable(rotation),
    problem: z.nullable(
      text(
        'Why there is none: `not-rotated`, `no-record` until the timer has made its record, or why that cannot be read.',
      ),
    ),
    history: list(historyEntry, 'Newest first.'),
  },
  'One subscription’s rotation and its history.',
);

/** The body of `POST /v1/rotations/{subscription}/{command}` */
export const steeringRequest = object(
  {
    reason: z.string().check(
      z.trim(),
      z.minLength(1),
      z.maxLength(200),
      // What looks like a key is kept out of records: somebody who has just seen one leak may well paste it.
      z.regex(/^(?!.*[A-Za-z0-9]{32})[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]+$/u),
      z.meta({
        description:
          'Why, on one line. It stands in the audit record and in the history, so nothing in it may look like a key: no 32 letters and digits on end.',
      }),
    ),
    confirm: z.optional(text('For `emergency`: the subscription’s name once more.')),
  },
  'What an operator asks for.',
);

export const steeringAnswer = object(
  {
    subscription: name('The subscription’s name in the configuration.'),
    command: z.enum(commands),
    replayed: flag('The same Idempotency-Key was carried out before: nothing was done again.'),
    outage: z.nullable(text('Which header sets will fail before their expiry because of it. Null for none.')),
    rotation,
  },
  'What a command came to, with the plan that follows.',
);

export type Command = (typeof commands)[number];
export type RotationView = z.output<typeof rotation>;
export type RotationAnswer = z.output<typeof rotationAnswer>;
export type SteeringAnswer = z.output<typeof steeringAnswer>;
