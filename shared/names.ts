/**
 * Texts that are known to hold no secret, because only the validated configuration, a verified claim or a keyed hash makes them. Audit
 * records and log lines take these and no plain `string`.
 */
declare const kind: unique symbol;
export type Named<Kind extends string> = string & { readonly [kind]: Kind };

/** The name of an API in the configuration. */
export type ApiName = Named<'api'>;
/** The name of a subscription in the configuration. */
export type SubscriptionName = Named<'subscription'>;
/** The name of one of the broker's own app registrations in the configuration. */
export type ClientName = Named<'client'>;
/** The name of an internal service in the configuration. */
export type CallerName = Named<'caller'>;
/** The name of a secret in Key Vault. */
export type SecretName = Named<'secret'>;
/** An API's Application ID URI and an access level: `api://…/.default`. */
export type ScopeName = Named<'scope'>;
/** A configured access level such as `.default`. */
export type AccessLevel = Named<'access'>;
/** A GUID in lower case. */
export type Guid = Named<'guid'>;
/** A keyed hash that names a secret without telling it: 12 characters of base64url, 72 bits. */
export type Fingerprint = Named<'fingerprint'>;
/** A moment as RFC 3339 writes it, in UTC. */
export type Timestamp = Named<'timestamp'>;
/** Why an operator does something, in the operator's own words: one line of up to 200 characters, which the contract has checked. */
export type StatedReason = Named<'stated-reason'>;
/** The identifier of one request: the platform's invocation id. */
export type RequestId = Named<'request'>;

/** How APIs, subscriptions, clients and callers are named. */
export const namePattern = /^[a-z][a-z0-9-]{0,62}$/;
/** How access levels are written: `.default`, `get`. */
export const accessLevelPattern = /^[A-Za-z.][A-Za-z0-9._-]{0,63}$/;
/** A GUID in either case. */
export const guidPattern = /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;

/** Reads a GUID in either case; `undefined` for anything else. */
export function parseGuid(text: unknown): Guid | undefined {
  return typeof text === 'string' && guidPattern.test(text) ? (text.toLowerCase() as Guid) : undefined;
}

const dayMs = 86_400_000;
const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));
let lastDay = { startsAt: NaN, date: '' };

/**
 * A moment of the wall clock, in milliseconds since the epoch, as text: what `Date` makes of it. The day is written out once; the three moments of a
 * hand-out were a sixth of what it takes of the processor.
 *
 * @throws {RangeError} for what is no moment.
 */
export function toTimestamp(wallMs: number): Timestamp {
  const ms = Math.trunc(wallMs);
  if (!(ms >= lastDay.startsAt && ms < lastDay.startsAt + dayMs)) lastDay = startDay(ms);
  const inDay = ms - lastDay.startsAt;
  const hours = twoDigits[Math.floor(inDay / 3_600_000)];
  const minutes = twoDigits[Math.floor(inDay / 60_000) % 60];
  const seconds = twoDigits[Math.floor(inDay / 1_000) % 60];
  return `${lastDay.date}${hours}:${minutes}:${seconds}.${String(inDay % 1_000).padStart(3, '0')}Z` as Timestamp;
}

function startDay(ms: number) {
  const startsAt = Math.floor(ms / dayMs) * dayMs;
  return { startsAt, date: new Date(startsAt).toISOString().slice(0, -'00:00:00.000Z'.length) };
}
