/**
 * Checked by the compiler alone: what may stand in an audit record and in a log line. Each `@ts-expect-error` is an assertion; without the
 * error that it expects, `tsc` fails.
 */
import type { ApiName, Fingerprint, Guid, Named, Timestamp } from '../../shared/names.ts';
import type { Secret } from '../../shared/secret.ts';
import type { Audit, AuditFacts, AuditRecord } from '../../shared/telemetry/audit.ts';
import type { Field, Fields, Log } from '../../shared/telemetry/log.ts';

declare const secret: Secret;
declare const text: string;
declare const fingerprint: Fingerprint;
declare const api: ApiName;
declare const guid: Guid;
declare const timestamp: Timestamp;
declare const record: AuditRecord;
declare const audit: Audit;
declare const log: Log;

export const facts: AuditFacts[] = [
  { key: fingerprint, token: fingerprint, api, clientId: guid, expiresOn: timestamp },
  // @ts-expect-error A secret is no fingerprint.
  { key: secret },
  // @ts-expect-error Nor is an opened one.
  { key: secret.open() },
  // @ts-expect-error A text from anywhere is no fingerprint.
  { token: text },
  // @ts-expect-error One name does not stand for another.
  { key: api },
  // @ts-expect-error What a caller wrote is no API's name.
  { api: text },
  // @ts-expect-error A claim that was not parsed is no GUID.
  { clientId: text },
  // @ts-expect-error There is no place for anything else.
  { secret },
  // @ts-expect-error Nor for anything that has another name.
  { note: fingerprint },
];

export const records: AuditRecord[] = [
  { ...record, key: fingerprint },
  // @ts-expect-error A secret fits no member.
  { ...record, requestId: secret },
  // @ts-expect-error Nor does a text.
  { ...record, requestId: text },
  // @ts-expect-error A reason is one of a closed set.
  { ...record, reason: text },
  // @ts-expect-error An error's message is no code.
  { ...record, code: new Error(text).message },
];

export const fields: Field[] = [
  fingerprint,
  api,
  timestamp,
  'forbidden',
  'api-unknown',
  'key',
  1,
  true,
  null,
  undefined,
  // @ts-expect-error A secret is no field of a log line.
  secret,
  // @ts-expect-error Nor is an opened one.
  secret.open(),
  // @ts-expect-error Nor is a text.
  text,
  // @ts-expect-error Not even one that stands in the code, unless it is one of the fixed words.
  'anything else',
  [fingerprint, api],
  // @ts-expect-error Nor is a list with a text in it.
  [fingerprint, text],
  // @ts-expect-error Or with a secret.
  [secret],
  // @ts-expect-error Nor is an object, in which a text could stand.
  { key: fingerprint },
  // @ts-expect-error Nor is an error.
  new Error(text),
];

export const lines: Fields[] = [
  { key: fingerprint },
  // @ts-expect-error A secret fits nowhere.
  { key: fingerprint, secret },
];

export function write(): void {
  log.info('audit', record);
  log.warn('load-failed', { of: api });
  // @ts-expect-error A log line is no free text.
  log.info(text);
  // @ts-expect-error Nor does it hold one.
  log.error('unexpected-error', { message: text });
  // @ts-expect-error The audit takes records, not whatever there is.
  void audit.accept({ secret }, log);
}

/** A name is a text for whoever only reads it, and a text is no name. */
export const asText: string = fingerprint;
// @ts-expect-error
export const asName: Named<'fingerprint'> = text;
// @ts-expect-error A secret is not a text.
export const opened: string = secret;
