import type { Config, SubscriptionConfig } from '../config/config.ts';
import type { ListedKeys, PublishedKey } from '../rotation/ports.ts';
import { slots, type Slot } from '../rotation/slot.ts';
import type { Secret } from '../secret.ts';
import { causeOf, tellUpstream } from './cause-of.ts';
import type { Cause } from './causes.ts';
import { findingsOf, type Finding } from './finding.ts';
import { skipped as skip, valueOf, type Look, type Seen } from './look.ts';
import type { DoctorPorts, ExaminedAuthority, SubscriptionFacts } from './ports.ts';
import { isSameSecret } from './secret-form.ts';
import type { Secrets } from './secrets.ts';

/** A subscription as Key Vault and its authority have it. */
export type SubscriptionSight = {
  readonly subscription: SubscriptionConfig;
  readonly authority: ExaminedAuthority | undefined;
  readonly published: Seen<PublishedKey>;
  readonly listed: Seen<ListedKeys>;
  readonly facts: Seen<SubscriptionFacts>;
};

const { well, fault, skipped } = findingsOf('subscription');
/** Signing in, and pages of a portal. */
const requestsToList = 4;

/** Reads the published key, lists both, and asks for the subscription's state. @param obstacle why its authority cannot be asked. */
export function lookAtSubscriptions(
  { publisherOf, authorities }: Pick<DoctorPorts, 'publisherOf' | 'authorities'>,
  { subscriptions }: Config,
  { secrets, hasManagementToken }: { secrets: Secrets; hasManagementToken: boolean },
  look: Look,
): Promise<readonly SubscriptionSight[]> {
  const lookAtOne = async (subscription: SubscriptionConfig): Promise<SubscriptionSight> => {
    const { name, secret, authority: { kind } = {} } = subscription;
    const authority = authorities.get(name);
    const obstacle = obstacleOf(subscription, secrets, hasManagementToken);
    const ask = <T>(see: ((signal: AbortSignal) => Promise<T>) | undefined): Promise<Seen<T>> | Seen<T> => {
      if (!see || obstacle !== undefined) return skip(obstacle ?? 'Its authority does not say.');
      return look.at('authority-unavailable', see, kind === 'arm' ? 1 : requestsToList);
    };
    const isStored = valueOf(secrets.get(secret)) !== undefined;
    const [published, listed, facts] = await Promise.all([
      isStored ? look.at('vault-unavailable', publisherOf(secret).read) : skip(`Its secret ${secret} was not read.`),
      ask(authority?.list),
      ask(authority?.describe),
    ]);
    return { subscription, authority, published, listed, facts };
  };
  return Promise.all(subscriptions.map(lookAtOne));
}

function obstacleOf(
  { authority }: SubscriptionConfig,
  secrets: Secrets,
  hasManagementToken: boolean,
): string | undefined {
  if (!authority) return 'The configuration names no authority for it: its published key alone is tried.';
  if (authority.kind === 'arm' && !hasManagementToken)
    return 'The app’s identity has no token for Azure Resource Manager.';
  const isSignedOut = authority.kind === 'developer-portal' && !valueOf(secrets.get(authority.password));
  return isSignedOut ? `Its secret ${authority.password} was not read.` : undefined;
}

/** Whether its authority says that it is in use; `undefined` where that is not known. A portal lists the keys of none that is not. */
export function isActive({ subscription, listed, facts }: SubscriptionSight): boolean | undefined {
  const state = valueOf(facts)?.state;
  if (state !== undefined) return state === 'active';
  return subscription.authority?.kind === 'developer-portal' && listed.kind === 'seen' ? true : undefined;
}

/** The slot whose key is published. `undefined` where it is neither, or was not seen. */
export function publishedSlot({ published, listed }: SubscriptionSight): Slot | undefined {
  const [key, both] = [valueOf(published), valueOf(listed)];
  return key && both && slots.find((slot) => isSameSecret(both[slot], key.secret));
}

/** What a key is called, and the key. */
export type NamedKey = { readonly name: Slot | 'published'; readonly key: Secret };

/** Both keys as they are listed; the published one alone where they are not. */
export function keysOf({ published, listed }: SubscriptionSight): readonly NamedKey[] {
  const [key, both] = [valueOf(published), valueOf(listed)];
  if (both) return slots.map((slot) => ({ name: slot, key: both[slot] }));
  return key ? [{ name: 'published', key: key.secret }] : [];
}

export function judgeSubscription(sight: SubscriptionSight): Finding {
  const { subscription, authority, published, listed, facts } = sight;
  const { name } = subscription;
  const state = valueOf(facts)?.state;
  if (state !== undefined && state !== 'active') return judgeState(name, state);
  if (published.kind === 'failed') return fault(name, causeOf(published.error), tellUpstream(published.error));
  if (listed.kind === 'skipped') return skipped(name, listed.because);
  if (listed.kind === 'failed') return judgeUnlisted(sight, listed);
  if (published.kind === 'skipped') return skipped(name, published.because);
  const slot = publishedSlot(sight);
  if (!slot) return fault(name, 'key-changed-outside', `${authority?.name ?? 'Its authority'} lists two others.`);
  return well(name, tellWell(sight, slot));
}

/** With these, no key of the subscription tells anything more. */
const causesOfKeys: ReadonlySet<Cause> = new Set([
  'suspended-subscription',
  'inactive-subscription',
  'key-changed-outside',
]);

/** Why its keys need not be tried. */
export function obstacleToKeys({ subject, cause }: Finding): string | undefined {
  return cause && causesOfKeys.has(cause) ? `The subscription ${subject} is at fault.` : undefined;
}

function judgeState(name: string, state: string): Finding {
  return state === 'suspended'
    ? fault(name, 'suspended-subscription')
    : fault(name, 'inactive-subscription', `It is ${state}.`);
}

function judgeUnlisted(
  { subscription, authority }: SubscriptionSight,
  { error }: Extract<Seen<ListedKeys>, { kind: 'failed' }>,
): Finding {
  const { name } = subscription;
  const cause = causeOf(error);
  if (authority?.isManual && cause === 'missing-secret') {
    return skipped(name, 'Nobody has stored the other slot’s key yet: the published one alone is tried.');
  }
  if (cause === 'authority-refused' && error.upstream === 'suspended') return judgeState(name, 'suspended');
  return fault(name, cause, [`${authority?.name} was asked.`, tellUpstream(error)].filter(Boolean).join(' '));
}

function tellWell({ authority, facts }: SubscriptionSight, slot: Slot): string {
  const product = valueOf(facts)?.product;
  const scope = product === undefined ? '' : `; its product is ${product}`;
  return `The published key is the ${slot} one that ${authority?.name ?? 'its authority'} lists${scope}.`;
}
