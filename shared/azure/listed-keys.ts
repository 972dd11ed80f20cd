import { BrokerError } from '../errors.ts';
import type { ListedKeys } from '../rotation/ports.ts';
import { Secret } from '../secret.ts';
import { isHeaderValue } from '../header-value.ts';
import { asMembers, parseJson } from './json.ts';

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
  return typeof value === 'string' && isHeaderValue(value);
}

/**
 * The members of a JSON object.
 *
 * @throws {BrokerError} `authority-unavailable` for anything else: an HTML page of a proxy says nothing of keys.
 */
export function readMembers(text: string): Readonly<Record<string, unknown>> {
  return asMembers(parseJson(text)) ?? fail();
}

function fail(): never {
  throw new BrokerError('authority-unavailable');
}
