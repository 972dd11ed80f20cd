import { BrokerError } from '../../shared/errors.ts';
import type { KeyAuthority, KeyProbe, ListedKeys, ProbeVerdict } from '../../shared/rotation/ports.ts';
import { Secret } from '../../shared/secret.ts';

type Slot = keyof ListedKeys;

/** An authority in memory. With a `fault` every list fails and every regenerate is refused. */
export function createMemoryAuthority(keys: Readonly<Record<Slot, string>>) {
  const state: { keys: Record<Slot, string>; fault: BrokerError | undefined } = { keys: { ...keys }, fault: undefined };
  let count = 0;

  const change = (slot: Slot) => {
    state.keys[slot] = `key-${(count += 1)}-of-${slot}`;
  };
  const authority: KeyAuthority = {
    isManual: false,
    list: async (signal) => {
      if (signal.aborted) throw new BrokerError('authority-unavailable');
      if (state.fault) throw state.fault;
      const { primary, secondary } = state.keys;
      if (primary === secondary) throw new BrokerError('authority-refused');
      return { primary: new Secret(primary), secondary: new Secret(secondary) };
    },
    regenerate: async (slot, signal) => {
      if (signal.aborted) return { kind: 'refused', retryAfterMs: undefined };
      if (state.fault) return { kind: 'refused', retryAfterMs: state.fault.retryAfterMs };
      change(slot);
      return { kind: 'done' };
    },
  };
  return { authority, state, change };
}

/** Gateways in memory, each with the keys that it says something to; to any other key it says `refused`. */
export function createMemoryProbe(gateways: readonly ReadonlyMap<string, ProbeVerdict>[]): KeyProbe {
  return {
    gateways: gateways.length,
    try: async (key, signal) =>
      gateways.map((gateway) => (signal.aborted ? 'unknown' : (gateway.get(key.open()) ?? 'refused'))),
  };
}
