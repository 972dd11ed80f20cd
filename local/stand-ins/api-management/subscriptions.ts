import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../shared/clock.ts';
import { createPropagated } from './propagation.ts';
import type { Link } from './propagation.ts';
import { createQuota } from './quota.ts';
import type { QuotaRule } from './quota.ts';

/** A subscription's states, as API Management names them. */
export const subscriptionStates = ['active', 'suspended', 'submitted', 'cancelled', 'expired', 'rejected'] as const;

type SubscriptionState = (typeof subscriptionStates)[number];
const slots = ['primary', 'secondary'] as const;
export type Slot = (typeof slots)[number];
export type Keys = Record<Slot, string>;

/** What a subscription starts as. Keys are invented unless given; without a workspace it belongs to the service itself. */
export type SubscriptionSpec = {
  sid: string;
  product: string;
  displayName?: string;
  state?: SubscriptionState;
  keys?: Keys;
  workspace?: string;
};

/** A subscription: what the service has of it, and what each gateway has. */
export type Subscription = {
  sid: string;
  product: string;
  displayName: string;
  workspace: string | undefined;
  created: Date;
  keys(): Keys;
  state(): SubscriptionState;
  etag(): string;
  regenerate(slot: Slot): void;
  /** Puts back the keys that it started with, as a template does that is applied again. */
  restoreKeys(): void;
  setState(state: SubscriptionState): void;
  /** The slot that a key is in, for one gateway. */
  slotOf(key: string, gateway: number): Slot | undefined;
  stateAt(gateway: number): SubscriptionState;
  overrideState(gateway: number, state: SubscriptionState): void;
  /** How many milliseconds the caller has to wait; `undefined` when the call may be made. */
  takeCall(gateway: number): number | undefined;
  setQuota(gateway: number, rule: QuotaRule | undefined): void;
  setLink(gateway: number, change: Partial<Link>): void;
};

/** A subscription that `gateways` gateways know from the start, each hearing of changes at once until its link says otherwise. */
export function createSubscription(spec: SubscriptionSpec, gateways: number, clock: Clock): Subscription {
  const initialKeys = spec.keys ?? { primary: inventKey(), secondary: inventKey() };
  const links = Array.from({ length: gateways }, (): Link => ({ delayMs: 0, offline: false }));
  const quotas = links.map(() => createQuota(clock));
  const keys = {
    primary: createPropagated(initialKeys.primary, links, clock),
    secondary: createPropagated(initialKeys.secondary, links, clock),
  };
  const state = createPropagated(spec.state ?? 'active', links, clock);
  let version = 1;

  const setKey = (slot: Slot, value: string): void => {
    keys[slot].set(value);
    version += 1;
  };
  const settle = (gateway: number): void => {
    for (const value of [keys.primary, keys.secondary, state]) value.seenBy(gateway);
  };

  return {
    sid: spec.sid,
    product: spec.product,
    displayName: spec.displayName ?? spec.sid,
    workspace: spec.workspace,
    created: new Date(clock.wall()),
    keys: () => ({ primary: keys.primary.current(), secondary: keys.secondary.current() }),
    state: () => state.current(),
    etag: () => `"${version.toString(16).padStart(16, '0')}"`,
    regenerate: (slot) => setKey(slot, inventKey()),
    restoreKeys: () => {
      for (const slot of slots) {
        if (keys[slot].current() !== initialKeys[slot]) setKey(slot, initialKeys[slot]);
      }
    },
    setState: (next) => {
      state.set(next);
      version += 1;
    },
    slotOf: (key, gateway) => slots.find((slot) => keys[slot].seenBy(gateway) === key),
    stateAt: (gateway) => state.seenBy(gateway),
    overrideState: (gateway, next) => state.override(gateway, next),
    takeCall: (gateway) => quotas[gateway]?.take(),
    setQuota: (gateway, rule) => quotas[gateway]?.set(rule),
    setLink: (gateway, change) => {
      // What has reached the gateway by now stays there, also when it goes offline at this very moment.
      settle(gateway);
      Object.assign(links[gateway] ?? {}, change);
    },
  };
}

/** 32 characters, like API Management's own; the first ones let a test find the key wherever it should not be. */
function inventKey(): string {
  return `CANARY${randomBytes(13).toString('hex')}`;
}
