import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { CallerEntry } from '../callers/policy.ts';
import type { FingerprintOf } from '../credentials/fingerprint.ts';
import { BrokerError } from '../errors.ts';
import type { AccessLevel, ApiName } from '../names.ts';
import type { Refreshing } from '../refreshing.ts';
import { Secret } from '../secret.ts';

/** To whom a header set is given, and for what. */
export type Recipient = {
  readonly caller: CallerEntry;
  readonly api: ApiName;
  /** `undefined` for an API that takes a key alone. */
  readonly access: AccessLevel | undefined;
};

/** The ids of header sets as callers see them: each good for whom it was given to, and for nobody else. */
export type SetIds = {
  /** Seals the id of a header set for one recipient. */
  seal(id: string, recipient: Recipient, signal: AbortSignal): Promise<string>;
  /** The id that was sealed. @throws {BrokerError} `set-foreign` for one that was not sealed for this recipient, or was altered. */
  unseal(sealed: string, recipient: Recipient, signal: AbortSignal): Promise<string>;
};

/** In characters of base64url: 96 bits, of which each guess is a request under the caller's rate limit. */
const sealLength = 16;

/** How many seals are remembered: each takes some 400 bytes, and an HMAC costs ten times the look-up. */
const mostSeals = 4_000;

/** @param fingerprints of this deployment, so that each instance unseals what another has sealed, and Key Vault holds no further key. */
export function createSetIds(fingerprints: Pick<Refreshing<FingerprintOf>, 'get'>): SetIds {
  const sealings = new WeakMap<FingerprintOf, Sealing>();

  const sealingBy = async (signal: AbortSignal) => {
    const { value } = await fingerprints.get(0, signal);
    const known = sealings.get(value);
    if (known) return known;
    const sealing = createSealing(deriveKey(value));
    sealings.set(value, sealing);
    return sealing;
  };

  return {
    seal: async (id, recipient, signal) => id + (await sealingBy(signal)).ofKnown(id, recipient),
    // Remembers nothing: what is unsealed is a caller's word.
    unseal: async (sealed, recipient, signal) => {
      const id = sealed.slice(0, -sealLength);
      const seal = (await sealingBy(signal)).of(id, recipient);
      if (!areEqual(sealed, id + seal)) throw new BrokerError('set-foreign');
      return id;
    },
  };
}

/** Makes seals under one key. */
type Sealing = {
  of(id: string, recipient: Recipient): string;
  /** The same for an id of ours, remembered. */
  ofKnown(id: string, recipient: Recipient): string;
};

function createSealing(key: KeyObject): Sealing {
  const seals = new Map<string, string>();
  const of: Sealing['of'] = (id, { caller, api, access }) => {
    const text = JSON.stringify([id, caller.clientId, caller.objectId, api, access ?? null]);
    return createHmac('sha256', key).update(text).digest('base64url').slice(0, sealLength);
  };
  return {
    of,
    ofKnown: (id, recipient) => {
      const { caller, api, access = '' } = recipient;
      const name = `${id} ${caller.clientId} ${caller.objectId} ${api} ${access}`;
      const known = seals.get(name);
      if (known !== undefined) return known;
      const seal = of(id, recipient);
      seals.set(name, seal);
      if (seals.size > mostSeals) seals.delete(seals.keys().next().value ?? '');
      return seal;
    },
  };
}

/** A key for this purpose alone: 288 bits, of which each part is a hash under the fingerprint key, as HKDF-Expand makes them (RFC 5869). */
function deriveKey(fingerprintOf: FingerprintOf): KeyObject {
  const parts = [1, 2, 3, 4].map((part) => fingerprintOf(new Secret(`token-broker: ids of header sets, ${part}`)));
  return createSecretKey(parts.join(''), 'base64url');
}

function areEqual(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
