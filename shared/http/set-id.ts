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

/** @param fingerprints of this deployment, so that each instance unseals what another has sealed, and Key Vault holds no further key. */
export function createSetIds(fingerprints: Pick<Refreshing<FingerprintOf>, 'get'>): SetIds {
  const keys = new WeakMap<FingerprintOf, KeyObject>();
  const lastOf = createLastSealed();

  const keyOf = (fingerprintOf: FingerprintOf) => {
    const key = keys.get(fingerprintOf) ?? deriveKey(fingerprintOf);
    keys.set(fingerprintOf, key);
    return key;
  };

  const loadKey = async (signal: AbortSignal) => keyOf((await fingerprints.get(0, signal)).value);

  return {
    seal: async (id, recipient, signal) => {
      const key = await loadKey(signal);
      const last = lastOf(recipient);
      if (last.id !== id || last.key !== key) Object.assign(last, { id, key, sealed: seal(key, id, recipient) });
      return last.sealed;
    },
    // Remembers nothing: what is unsealed is a caller's word.
    unseal: async (sealed, recipient, signal) => {
      const id = sealed.slice(0, -sealLength);
      if (!areEqual(sealed, seal(await loadKey(signal), id, recipient))) throw new BrokerError('set-foreign');
      return id;
    },
  };
}

type Sealed = { id: string; key: KeyObject | undefined; sealed: string };

/** A place for what each recipient was given last, which it is given until its key or its token changes. There is one for each that the configuration allows. */
function createLastSealed(): (recipient: Recipient) => Sealed {
  const callers = new WeakMap<CallerEntry, Map<ApiName, Map<AccessLevel | undefined, Sealed>>>();
  return ({ caller, api, access }) => {
    const apis = callers.get(caller) ?? new Map<ApiName, Map<AccessLevel | undefined, Sealed>>();
    const levels = apis.get(api) ?? new Map<AccessLevel | undefined, Sealed>();
    const last = levels.get(access) ?? { id: '', key: undefined, sealed: '' };
    callers.set(caller, apis.set(api, levels.set(access, last)));
    return last;
  };
}

function seal(key: KeyObject, id: string, { caller, api, access }: Recipient): string {
  const sealed = JSON.stringify([id, caller.clientId, caller.objectId, api, access ?? null]);
  return id + createHmac('sha256', key).update(sealed).digest('base64url').slice(0, sealLength);
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
