import { BrokerError } from '../errors.ts';
import type { ListedKeys } from '../rotation/ports.ts';
import { Secret } from '../secret.ts';

/** What can be the value of a header as it is: visible ASCII without a blank (RFC 9110, section 5.5). */
const headerSafe = /^[\x21-\x7e]+$/;

/**
 * Both keys, or none: half a list could be taken for a change.
 *
 * @throws {BrokerError} `authority-refused` for a key that is missing, empty, or could not be sent, and for two that are the same: then nobody
 *   can say which slot is active.
 */
export function toListedKeys(primary: unknown, secondary: unknown): ListedKeys {
  if (!isKey(primary) || !isKey(secondary) || primary === secondary) throw new BrokerError('authority-refused');
  return { primary: new Secret(primary), secondary: new Secret(secondary) };
}

function isKey(value: unknown): value is string {
  return typeof value === 'string' && headerSafe.test(value);
}

/**
 * The members of a JSON object.
 *
 * @throws {BrokerError} `authority-unavailable` for anything else: an HTML page of a proxy says nothing of keys.
 */
export function readMembers(text: string): Readonly<Record<string, unknown>> {
  return asMembers(parseJson(text)) ?? fail();
}

/** The members of an object; `undefined` for any other value. */
export function asMembers(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fail(): never {
  throw new BrokerError('authority-unavailable');
}
