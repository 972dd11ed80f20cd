import * as z from 'zod/mini';
import { count, failure, fingerprint, flag, guid, list, moment, name, object, seconds, slot, text } from './fields.ts';
import { rotation } from './rotation.ts';

const key = object(
  {
    fingerprint: z.nullable(fingerprint('Of the key that this instance hands out.')),
    generation: z.nullable(count('Of that key.')),
    slot: z.nullable(slot('Of that key, as its tags say.')),
    safeUntil: z.nullable(moment('The rotator’s promise: the key is not regenerated before.')),
    readOn: z.nullable(moment('When it was read from Key Vault.')),
    usableUntil: z.nullable(moment('This instance hands it out no longer than until then, unless it is read again.')),
    lastFailure: failure('Why it could last not be read, unless it was read since.'),
  },
  'The subscription key as this instance has it.',
);

const subscription = object(
  {
    name: name('Its name in the configuration.'),
    authority: z.nullable(z.enum(['arm', 'developer-portal', 'manual'])),
    apis: list(name('An API.'), 'The APIs that take its key.'),
    key,
    rotation: z.nullable(rotation),
    rotationProblem: z.nullable(
      text(
        'Why there is no rotation to show, where there should be one: `no-record` until the timer has made its record.',
      ),
    ),
  },
  'One API Management subscription.',
);

const token = object(
  {
    scope: text('What it is for.'),
    fingerprint: z.nullable(fingerprint('Of the token that this instance hands out.')),
    refreshOn: z.nullable(moment('It is refreshed from then on.')),
    usableUntil: z.nullable(moment('It is handed out no longer than until then.')),
    lastFailure: failure('Why it could last not be acquired, unless it was acquired since.'),
  },
  'One token as this instance has it.',
);

const client = object(
  {
    name: name('Its name in the configuration.'),
    tenantId: guid('The tenant that issues its tokens.'),
    credential: z.enum(['secret', 'certificate', 'federated']),
    secret: object(
      {
        expiresOn: z.nullable(
          moment('As Key Vault, or the certificate, says; null where it says nothing, or nothing was read yet.'),
        ),
        daysLeft: z.nullable(count('Whole days until then.')),
        lastFailure: failure('Why it could last not be read, unless it was read since.'),
      },
      'Its client secret, or its certificate, which says itself when it ends. All is null where the client is federated.',
    ),
    tokens: list(token, 'One for each scope that an API may need.'),
  },
  'One of the broker’s own app registrations.',
);

const caller = object(
  {
    name: name('Its name in the configuration.'),
    apis: list(name('An API.'), 'The APIs that it may have headers for.'),
    handOuts: object(
      { allowed: count('Header sets.'), refused: count('Refusals.'), failed: count('Allowed, and not to be had.') },
      'What this instance has answered it since it started.',
    ),
    lastOn: z.nullable(moment('When it last asked.')),
  },
  'One internal service.',
);

const series = (description: string) =>
  list(count('In one interval.'), `${description} Oldest first; the last is under way.`);

/** `GET /v1/status` */
export const statusAnswer = object(
  {
    generatedOn: moment('When this was put together.'),
    operator: object({ mayWrite: flag('Has `Operations.Write`, and may steer.') }, 'Who asks.'),
    instance: object(
      { name: text('Names this worker.'), startedOn: moment('Since when it runs.') },
      'Caches and figures are those of the instance that answers; rotations are everyone’s.',
    ),
    configuration: object(
      {
        source: z.enum(['file', 'blob']),
        version: z.nullable(text('A hash of the configuration in use.')),
        loadedOn: moment('When it was taken into use.'),
        lastFailure: failure('Why a newer one was last refused or could not be read, unless one was taken since.'),
        problems: list(text('A problem, with its path and what to do.'), 'Of the configuration that was refused.'),
      },
      'The configuration in use.',
    ),
    readiness: object(
      {
        ready: flag('Callers can be told apart, and at least one API can be served.'),
        signingKeys: flag('The tenant’s signing keys are there.'),
        apis: list(
          object({ name: name('An API.'), ready: flag('A header set is there to be handed out.') }, 'One API.'),
          'Each API.',
        ),
      },
      'Whether this instance can serve.',
    ),
    subscriptions: list(subscription, 'In the order of the configuration.'),
    clients: list(client, 'In the order of the configuration.'),
    callers: list(caller, 'In the order of the configuration.'),
    figures: object(
      {
        intervalSeconds: seconds('How long one interval is.'),
        handOuts: series('Header sets handed out.'),
        refusals: series('Requests refused or failed.'),
        cacheHits: series('Tokens and keys that were there.'),
        cacheMisses: series('Tokens and keys that had to be waited for.'),
        upstreamLoads: series('Loads from Entra and Key Vault that succeeded.'),
        upstreamFailures: series('Loads that failed.'),
      },
      'What this instance did lately.',
    ),
  },
  'What is well, and what will not be.',
);

export type StatusAnswer = z.output<typeof statusAnswer>;
