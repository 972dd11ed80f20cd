import * as z from 'zod/mini';
import { accessLevelPattern, guidPattern, namePattern } from '../names.ts';
import { parseWindow } from './windows.ts';
import { durationPattern, parseDuration } from './duration.ts';
import { isSafeUrl } from './url.ts';

/**
 * The shape of `broker.config.json`. `docs/broker-config.schema.json` and `docs/config.md` are generated from it, so a description here is
 * the reference that an editor shows. An error text is the remedy: what to write instead.
 */

const text = (pattern: RegExp, remedy: string, description: string) =>
  z.string({ error: remedy }).check(z.regex(pattern, { error: remedy }), z.meta({ description }));

const duration = (least: string, most: string, description: string) => {
  const [leastMs, mostMs] = [parseDuration(least) ?? 0, parseDuration(most) ?? Infinity];
  const remedy = `Write a whole number and a unit, such as 90s, 5m or 30d; from ${least} to ${most}.`;
  const isWithin = (value: string) => {
    const ms = parseDuration(value);
    return ms !== undefined && ms >= leastMs && ms <= mostMs;
  };
  return z
    .string({ error: remedy })
    .check(
      z.regex(durationPattern, { error: remedy, abort: true }),
      z.refine(isWithin, { error: remedy }),
      z.meta({ description: `${description} From ${least} to ${most}.` }),
    );
};

/** One that may be left out. */
const durationOr = (fallback: string, least: string, most: string, description: string) =>
  z._default(duration(least, most, `${description} Default ${fallback}.`), fallback);

const url = (description: string) => {
  const remedy = 'Write an https URL (http only to a loopback address) without user, query or fragment.';
  return z.string({ error: remedy }).check(z.refine(isSafeUrl, { error: remedy }), z.meta({ description }));
};

const nameRemedy = 'Write a lower-case letter, then up to 62 lower-case letters, digits and hyphens.';
const name = (what: string) => text(namePattern, nameRemedy, what);

const guid = (description: string) =>
  text(guidPattern, 'Write a GUID, such as a53d724c-15ea-4469-a987-82a5b30ec167.', description);

const secretName = (description: string) =>
  text(
    /^[0-9A-Za-z-]{1,117}$/,
    'Write the name of a Key Vault secret: up to 117 letters, digits and hyphens. The value never stands here.',
    description,
  );

const members = <T extends z.core.$ZodType>(what: string, member: T, least = 1) =>
  z
    .record(z.string().check(z.regex(namePattern, { error: nameRemedy })), member, {
      error: `Write an object: ${what.toLowerCase()}.`,
    })
    .check(
      z.refine((named) => Object.keys(named).length >= least, { error: `Name at least one: ${what.toLowerCase()}.` }),
      z.meta({ description: `${what}, by name.` }),
    );

const list = <T extends z.core.$ZodType>(item: T, description: string) => {
  const error = 'Write a list with at least one entry.';
  return z.array(item, { error }).check(z.minLength(1, { error }), z.meta({ description }));
};

const object = <T extends z.core.$ZodLooseShape>(shape: T, description: string) =>
  z.strictObject(shape).check(z.meta({ description }));

const number = (least: number, most: number, description: string) => {
  const error = `Write a number from ${least} to ${most}.`;
  return z.number({ error }).check(z.minimum(least, { error }), z.maximum(most, { error }), z.meta({ description }));
};

/** Off where it is left out, unless it says otherwise. */
const flag = (description: string, fallback = false) =>
  z._default(z.boolean({ error: 'Write true or false.' }).check(z.meta({ description })), fallback);

/** One of a few words. */
const oneOf = <const Words extends readonly [string, string, ...string[]]>(
  words: Words,
  description: string,
  fallback: Words[number],
) => {
  const error = `Write ${words.map((word) => JSON.stringify(word)).join(' or ')}.`;
  return z._default(z.enum(words, { error }).check(z.meta({ description })), fallback);
};

const rateLimit = (description: string) =>
  object(
    {
      perSecond: number(0.01, 10_000, 'Requests a second in the long run.'),
      burst: number(1, 100_000, 'Requests at once.'),
    },
    description,
  );

/** What holds where the file names none. */
const defaultRotation = { settle: '10m', promise: '6h' } as const;
export const defaultTerms = { visibility: '60s', readAge: '60s', clockSkew: '10s', flight: '15s' } as const;
export const defaultDurations = { headerLifetime: '5m', requestTimeout: '5s', upstreamTimeout: '3s' } as const;
const defaultAudit = { sink: 'log', onFailure: 'deny' } as const;
/** The secret that keys the fingerprints, unless the file names another. */
export const defaultFingerprintKey = 'token-broker-fingerprint-key';

const broker = object(
  {
    tenantId: guid('The tenant whose tokens callers present.'),
    audience: guid(
      'The `aud` of the tokens that callers get for the broker. In Entra v2 tokens that is always the application (client) id of its registration, not the api:// URI.',
    ),
    headerLifetime: durationOr(
      defaultDurations.headerLifetime,
      '30s',
      '15m',
      'How long a header set is good, at most.',
    ),
    requestTimeout: durationOr(
      defaultDurations.requestTimeout,
      '1s',
      '30s',
      'When a request ends, whatever happens. Longer than `upstreamTimeout`.',
    ),
    upstreamTimeout: durationOr(
      defaultDurations.upstreamTimeout,
      '100ms',
      '20s',
      'When one call to Entra or Key Vault is given up.',
    ),
    fingerprintKey: z._default(
      secretName(
        'The Key Vault secret that keys the fingerprints, at least 32 random characters. Default token-broker-fingerprint-key.',
      ),
      defaultFingerprintKey,
    ),
    maximumInstances: z._default(
      number(
        1,
        10_000,
        'How many instances of the app there can be: what the plan scales out to, at most. The more there are, and the more secrets, the more rarely each reads its copies again; `docs/scale.md`. Default 100.',
      ),
      100,
    ),
    rotationTerms: z._default(
      object(
        {
          visibility: durationOr(
            defaultTerms.visibility,
            '100ms',
            '10m',
            'V: how long a write to Key Vault may stay invisible.',
          ),
          readAge: durationOr(
            defaultTerms.readAge,
            '100ms',
            '10m',
            'C: how old a read may be that stands in for a promise.',
          ),
          clockSkew: durationOr(defaultTerms.clockSkew, '1ms', '5m', 'ε: how far a clock may be off.'),
          flight: durationOr(
            defaultTerms.flight,
            '1ms',
            '10m',
            'F: how long a call that carries a header may be under way.',
          ),
        },
        'What the inequalities of rotation reckon with; `docs/rotation.md` says where each comes from.',
      ),
      defaultTerms,
    ),
    audit: z._default(
      object(
        {
          sink: oneOf(
            ['log', 'table'],
            'Where audit records are kept: the structured log, or Table Storage, which the setting TABLE_SERVICE_URL names. Default log.',
            defaultAudit.sink,
          ),
          onFailure: oneOf(
            ['deny', 'log'],
            'What becomes of a request whose record cannot be kept in the table: it is denied with 503, or its record goes to the log. Default deny.',
            defaultAudit.onFailure,
          ),
        },
        'The audit trail; `docs/audit.md` says what stands in it.',
      ),
      defaultAudit,
    ),
    rateLimit: z._default(
      rateLimit(
        'What a caller may ask of one instance unless its own entry says otherwise. Default 200 a second, 1,000 at once.',
      ),
      { perSecond: 200, burst: 1_000 },
    ),
  },
  'The broker itself.',
);

const api = object(
  {
    baseUrl: url('Where the API is called, without the operation’s path.'),
    subscription: name('The subscription whose key the API takes. Several APIs of one product share one.'),
    call: flag('The broker may call the API itself, for callers that have `call` too (`docs/call.md`). Default false.'),
    oauth: z.optional(
      object(
        {
          client: name('The client that asks for the token.'),
          scope: text(
            /^(?!.*\/\.default$)((api|https):\/\/[^\s*?#]*[^\s*?#/]|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$/,
            'Write the API’s name alone, such as api://apim-xxxxx-xxxxx-api: the access level is added to it.',
            'The API’s Application ID URI. An access level is added to it: `api://…/.default`.',
          ),
          accessLevels: z._default(
            list(
              text(
                accessLevelPattern,
                'Write an access level, such as .default or get.',
                'An access level. Entra accepts only `.default` for client credentials; OKQ8 documents get, post, put and delete.',
              ),
              'What `?access=` may name. The first is what a caller gets that names none. Default [".default"].',
            ),
            ['.default'],
          ),
        },
        'For an API that takes an OAuth 2.0 token as well. Leave it out where the key is enough.',
      ),
    ),
  },
  'One API.',
);

const armResource =
  /^\/subscriptions\/[0-9a-fA-F-]{36}\/resourceGroups\/[^/\s]+\/providers\/Microsoft\.ApiManagement\/service\/[^/\s]+(\/workspaces\/[^/\s]+)?\/subscriptions\/[^/\s]+$/;

const authority = z
  .discriminatedUnion(
    'kind',
    [
      object(
        {
          kind: z.literal('arm'),
          resourceId: text(
            armResource,
            'Write the subscription’s resource id: /subscriptions/…/resourceGroups/…/providers/Microsoft.ApiManagement/service/…/subscriptions/….',
            'The API Management subscription’s resource id, of a service or of a workspace in it.',
          ),
        },
        'Azure Resource Manager, for whoever owns the API Management service.',
      ),
      object(
        {
          kind: z.literal('developer-portal'),
          url: url('The developer portal’s data API.'),
          // Basic authentication has no way to write a colon in it (RFC 7617, section 2).
          email: text(
            /^[^\s@:]+@[^\s@:]+$/,
            'Write the e-mail address with which the portal’s user signs in, such as apis@example.com.',
            'The e-mail address of the user who signs in to the portal.',
          ),
          password: secretName('The Key Vault secret that holds the user’s password.'),
          subscription: text(
            /^(?!\.+$)[\w.-]{1,256}$/,
            'Write the subscription’s id at the portal, which is not its name: letters, digits, hyphens, dots and underscores.',
            'The subscription’s id at the portal, as its data API lists it.',
          ),
        },
        'A developer portal, for a client of somebody else’s API Management.',
      ),
      object(
        { kind: z.literal('manual') },
        'A person regenerates the keys, and stores the new one as `<secret>-alternate`.',
      ),
    ],
    {
      error:
        'Write { "kind": "arm", "resourceId": … }, { "kind": "developer-portal", "url": …, "email": …, "password": …, "subscription": … } or { "kind": "manual" }.',
    },
  )
  .check(z.meta({ description: 'Who regenerates the keys.' }));

const window = () => {
  const remedy =
    'Write days, two times of day and an IANA time zone, such as "Mon-Fri 02:00-05:00 Europe/Stockholm" or "Sat,Sun 22:00-04:00 UTC".';
  return z.string({ error: remedy }).check(
    z.refine((value) => parseWindow(value) !== undefined, { error: remedy }),
    z.meta({ description: 'Days, times and an IANA time zone: `Mon-Fri 02:00-05:00 Europe/Stockholm`.' }),
  );
};

const rotation = object(
  {
    every: duration('10s', '365d', 'How often the keys are rotated.'),
    settle: durationOr(defaultRotation.settle, '1s', '1d', 'How long the gateways are given to accept a new key.'),
    promise: durationOr(
      defaultRotation.promise,
      '10s',
      '7d',
      'How far ahead a key is promised: how long an outage of Key Vault is ridden out. Longer than three ticks of the timer.',
    ),
    drain: z.optional(
      duration(
        '1s',
        '7d',
        'How long a retiring key is kept at least. Not shorter than the inequality of `docs/rotation.md` allows, which is the default.',
      ),
    ),
    windows: z.optional(list(window(), 'When a cycle may start. Default: at any time.')),
    paused: flag('Starts no cycle. Default false.'),
  },
  'When the keys are rotated. Needs `authority` and `probe`.',
);

const subscription = object(
  {
    secret: z.optional(secretName('The Key Vault secret that holds the active key. Default: the subscription’s name.')),
    authority: z.optional(authority),
    probe: z.optional(
      object(
        {
          url: url('An operation that a key alone decides on, such as a ping.'),
          gateways: list(url('A gateway’s address.'), 'Every gateway that must accept a key before it is published.'),
        },
        'How a key is tried before it is published.',
      ),
    ),
    rotation: z.optional(rotation),
  },
  'One API Management subscription: a product’s pair of keys.',
);

const client = object(
  {
    tenantId: guid('The tenant of the API, which issues the token.'),
    clientId: guid('The application (client) id that the API’s owner gave.'),
    credential: object(
      {
        secret: z.optional(secretName('The Key Vault secret that holds the client secret.')),
        certificate: z.optional(
          secretName('The Key Vault certificate, of the content type application/x-pem-file, with an RSA key.'),
        ),
        federated: z.optional(
          z.literal('managed-identity').check(
            z.meta({
              description:
                'No secret at all: the app registration trusts the app’s managed identity. `"managed-identity"`.',
            }),
          ),
        ),
      },
      'How the client proves itself: one of the three.',
    ),
  },
  'One app registration that the broker asks for tokens with.',
);

const caller = object(
  {
    clientId: guid('`azp` of its tokens: the application (client) id.'),
    objectId: guid('`oid` of its tokens: the object id of its service principal, or managed identity.'),
    apis: list(name('An API’s name.'), 'The APIs that it may have headers for. No wildcards.'),
    headers: flag(
      'Whether it may have header sets. Without them it needs `call`, and no key or token ever reaches it (`docs/call.md`). Default true.',
      true,
    ),
    call: flag('It may have the broker call those of its APIs that have `call` too (`docs/call.md`). Default false.'),
    rateLimit: z.optional(rateLimit('What it may ask of one instance. Default: `broker.rateLimit`.')),
  },
  'One internal service.',
);

export const configSchema = z
  .strictObject({
    $schema: z.optional(
      z.string().check(z.meta({ description: 'Where an editor finds this schema: ./docs/broker-config.schema.json.' })),
    ),
    broker,
    apis: members('The APIs that headers are handed out for', api),
    subscriptions: members('The API Management subscriptions', subscription),
    clients: z._default(members('The broker’s own app registrations', client, 0), {}),
    callers: members('The internal services', caller),
  })
  .check(
    z.meta({
      title: 'broker.config.json',
      description: 'The token broker’s configuration. It names secrets and holds none.',
    }),
  );

/** The file as it is written, defaults filled in. */
export type ConfigFile = z.output<typeof configSchema>;
