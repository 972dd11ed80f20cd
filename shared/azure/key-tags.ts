import { BrokerError } from '../errors.ts';
import { toTimestamp, type Fingerprint, type SecretName } from '../names.ts';
import type { Publication, PublishedKey } from '../rotation/ports.ts';

/** The name of the secret that holds the key of the slot that is not active. */
export function alternateOf(name: SecretName): SecretName {
  return `${name}-alternate` as SecretName;
}

/** What stands in the tags of a version of a key's secret, beside what people have put there. */
export type KeyFacts = Omit<Publication, 'secret' | 'safeUntil'> & { readonly safeUntil?: number };
export type Tags = Readonly<Record<string, string>>;

const generation = /^[1-9]\d{0,14}$/;
const fingerprint = /^[\w-]{12}$/;

/** As people read them in the portal: the promise as RFC 3339 writes a moment, to the millisecond. Far below Key Vault's 256 characters. */
export function writeTags(facts: KeyFacts): Tags {
  const { safeUntil } = facts;
  return {
    generation: String(facts.generation),
    slot: facts.slot,
    fingerprint: facts.fingerprint,
    ...(safeUntil === undefined ? {} : { safeUntil: toTimestamp(safeUntil) }),
  };
}

/**
 * Reads what `writeTags` wrote. Absent tags are `undefined`. So are a slot and a fingerprint that say nothing: no key is handed out, or kept
 * back, because of them. On a generation and a promise the safety of that depends.
 *
 * @throws {BrokerError} `vault-secret-malformed` for a generation or a promise that cannot be read.
 */
export function readTags(tags: Tags): Omit<PublishedKey, 'secret' | 'version'> {
  const { slot, fingerprint: name } = tags;
  return {
    generation: tags['generation'] === undefined ? undefined : readGeneration(tags['generation']),
    slot: slot === 'primary' || slot === 'secondary' ? slot : undefined,
    fingerprint: name !== undefined && fingerprint.test(name) ? (name as Fingerprint) : undefined,
    safeUntil: tags['safeUntil'] === undefined ? undefined : readMoment(tags['safeUntil']),
  };
}

function readGeneration(text: string): number {
  if (!generation.test(text)) throw new BrokerError('vault-secret-malformed');
  return Number(text);
}

/** In the one way that `toTimestamp` writes it. */
function readMoment(text: string): number {
  const moment = Date.parse(text);
  if (Number.isNaN(moment) || toTimestamp(moment) !== text) throw new BrokerError('vault-secret-malformed');
  return moment;
}

/** The tags that people have set. */
export function withoutOurs({ generation: _1, slot: _2, fingerprint: _3, safeUntil: _4, ...others }: Tags): Tags {
  return others;
}
