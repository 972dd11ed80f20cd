import type { Code, Reason } from '../errors.ts';
import type { Named } from '../names.ts';
import type { AuditAction, FixedTrail, RejectedCredential, RejectionAction } from './audit.ts';

/** What a log line may hold: names, numbers and fixed words, never a text from outside. A `Secret` and a plain `string` do not fit. */
export type Field =
  Named<string> | readonly Named<string>[] | Code | Reason | Word | number | boolean | null | undefined;
export type Fields = { readonly [name: string]: Field };

/** The fixed words of log lines and audit records. */
type Word =
  'allowed' | 'refused' | 'failed' | AuditAction | FixedTrail | CredentialKind | RejectedCredential | RejectionAction;
export type CredentialKind =
  'token' | 'client-secret' | 'key' | 'portal' | 'fingerprint-key' | 'signing-keys' | 'identity';

/** Everything that the broker logs. */
type Event =
  | 'audit'
  | 'audit-unwritten'
  | 'load-failed'
  | 'request-refused'
  | 'unexpected-error'
  | 'warmed-up'
  | 'warm-up-unfinished'
  | 'client-credential-expires'
  | 'rotation-step'
  | 'rotation-alert'
  | 'rotation-failed'
  | 'key-refused'
  | 'config-taken'
  | 'config-refused'
  | 'config-failed';

/** Structured lines: one JSON object each, `event` first. */
export type Log = {
  info(event: Event, fields?: Fields): void;
  warn(event: Event, fields?: Fields): void;
  error(event: Event, fields?: Fields): void;
};

/** Where lines go: an invocation's context, or the console. */
export type Sink = { info(line: string): void; warn(line: string): void; error(line: string): void };

export function createLog(sink: Sink): Log {
  const line = (event: Event, fields: Fields = {}) => JSON.stringify({ event, ...fields });
  return {
    info: (event, fields) => sink.info(line(event, fields)),
    warn: (event, fields) => sink.warn(line(event, fields)),
    error: (event, fields) => sink.error(line(event, fields)),
  };
}
