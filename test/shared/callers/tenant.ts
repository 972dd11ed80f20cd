import { createSigningKeys, type SigningKeys } from '../../../shared/callers/signing-keys.ts';
import type { PublishedKey } from '../../../shared/callers/ports.ts';
import { BrokerError } from '../../../shared/errors.ts';
import { expected } from '../../support/caller-tokens.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';

export const signal = new AbortController().signal;
export const minute = 60_000;
export const hour = 3_600_000;

/** A tenant that publishes keys, counts who asks, and is down, empty or slow as it is told. */
export type Tenant = {
  readonly clock: ManualClock;
  readonly keys: SigningKeys;
  readonly state: {
    published: readonly PublishedKey[];
    fault: Error | undefined;
    gate: Promise<void>;
    fetches: number;
  };
  readonly failures: unknown[];
};

export function createTenant(published: readonly PublishedKey[]): Tenant {
  const clock = createManualClock();
  const state: Tenant['state'] = { published, fault: undefined, gate: Promise.resolve(), fetches: 0 };
  const failures: unknown[] = [];
  const source = {
    fetch: async () => {
      state.fetches += 1;
      await state.gate;
      if (state.fault) throw state.fault;
      return state.published;
    },
  };
  const options = {
    issuer: expected,
    upstreamTimeoutMs: () => 3_000,
    onFailure: (error: unknown) => void failures.push(error),
  };
  return { clock, keys: createSigningKeys({ clock, source }, options), state, failures };
}

export const down = () => new BrokerError('signing-keys-unavailable');
