import { addressAt } from '../gateway-address.ts';
import type { RotationRecord } from '../rotation/record.ts';
import { tellAnswer, wordOf, type Word } from './answer.ts';
import type { Cause } from './causes.ts';
import { findingsOf, type Finding } from './finding.ts';
import { isReachable, type Gateways } from './gateways.ts';
import type { Look, Seen } from './look.ts';
import type { DoctorPorts, GatewayAnswer } from './ports.ts';
import { isActive, keysOf, publishedSlot, type NamedKey, type SubscriptionSight } from './subscriptions.ts';

/** What a gateway answered to a key. */
type Try = { readonly gateway: string; readonly seen: Seen<GatewayAnswer> };
type TriedKey = { readonly name: NamedKey['name']; readonly tries: readonly Try[] };

/** The keys of one subscription, as its gateways take them. */
export type KeySight = {
  readonly sight: SubscriptionSight;
  readonly record: RotationRecord | undefined;
  readonly tried: readonly TriedKey[];
  /** Why none was tried. */
  readonly obstacle: string | undefined;
};

type Context = Pick<KeySight, 'record' | 'obstacle'> & { readonly gateways: Gateways };

const { well, warning, fault, skipped } = findingsOf('key');

/** Tries each key at each gateway that is there, as rotation does: without a token. */
export async function lookAtKeys(
  { call }: Pick<DoctorPorts, 'call'>,
  sight: SubscriptionSight,
  { record, obstacle, gateways }: Context,
  look: Look,
): Promise<KeySight> {
  const { probe } = sight.subscription;
  if (!probe || obstacle !== undefined)
    return { sight, record, tried: [], obstacle: obstacle ?? 'The configuration has no probe for it.' };
  const present = probe.gateways.filter((gateway) => isReachable(gateways, gateway));
  const tryAt = async (gateway: string, { key }: NamedKey): Promise<Try> => {
    const address = addressAt(gateway, probe.url);
    return { gateway, seen: await look.at('deadline', (signal) => call(address, { key }, signal)) };
  };
  const trying = keysOf(sight).map(async (named) => ({
    name: named.name,
    tries: await Promise.all(present.map((gateway) => tryAt(gateway, named))),
  }));
  return { sight, record, tried: await Promise.all(trying), obstacle: undefined };
}

type Judgement =
  | { readonly kind: 'well' | 'skipped'; readonly detail: string }
  | { readonly kind: 'warning' | 'fault'; readonly cause: Cause; readonly detail: string };

/** One finding for each key, or one for both where they meet the same. */
export function judgeKeys(keys: KeySight): Finding[] {
  const { sight, tried, obstacle = 'None of its keys was read.' } = keys;
  const { name } = sight.subscription;
  if (tried.length === 0) return [skipped(name, obstacle)];
  const judged = tried.map((key) => ({ of: `the ${key.name} key`, judgement: judgeKey(key, keys) }));
  const [first, second] = judged.map(({ judgement }) => judgement);
  const isShared = first?.kind === 'fault' && second?.kind === 'fault' && first.cause === second.cause;
  return isShared
    ? [toFinding(name, 'both keys', first)]
    : judged.map(({ of, judgement }) => toFinding(name, of, judgement));
}

function toFinding(name: string, of: string, judgement: Judgement): Finding {
  const detail = `Seen with ${of}. ${judgement.detail}`;
  switch (judgement.kind) {
    case 'fault':
      return fault(name, judgement.cause, detail);
    case 'warning':
      return warning(name, judgement.cause, detail);
    case 'well':
      return well(name, detail);
    case 'skipped':
      return skipped(name, detail);
  }
}

/** Why the key that is handed out fails, where it does. */
export function causeOfPublished(keys: KeySight): Cause | undefined {
  const slot = publishedSlot(keys.sight) ?? 'published';
  const key = keys.tried.find(({ name }) => name === slot);
  const judgement = key && judgeKey(key, keys);
  return judgement?.kind === 'fault' ? judgement.cause : undefined;
}

/** What matters first. */
const faulty = [
  'quota',
  'key-missing',
  'forbidden',
  'key-refused',
  'refused',
  'not-found',
  'silent',
] as const satisfies Word[];

function judgeKey({ name, tries }: TriedKey, { sight, record }: KeySight): Judgement {
  const words = tries.map(({ gateway, seen }) => ({ gateway, seen, word: wordOf(seen) }));
  const asked = words.filter(({ word }) => word !== 'unasked');
  if (asked.length === 0) return { kind: 'skipped', detail: 'There was no gateway, or no time, to try it at.' };
  const worst = faulty.find((one) => asked.some(({ word }) => word === one));
  const taken = asked.filter(({ word }) => word === 'accepted' || word === 'token-refused').length;
  if (!worst) return { kind: 'well', detail: `It is taken at ${taken} of ${tries.length} gateways.` };
  const isRefused = worst === 'forbidden' || worst === 'key-refused';
  const isUnsettled = isRefused && isBeingRotated(name, record);
  if (isUnsettled && record?.lastFailure?.reason !== 'new-key-refused')
    return { kind: 'well', detail: 'It was regenerated, and has not settled.' };
  const [first, ...others] = asked.filter(({ word }) => word === worst);
  if (!first) return { kind: 'skipped', detail: '' };
  const detail = [first, ...others].map(({ gateway, seen }) => `At ${gateway}: ${tellAnswer(seen)}`).join(' ');
  return {
    // Nobody has it before it has settled.
    kind: isUnsettled ? 'warning' : 'fault',
    cause: isRefused && taken > 0 ? 'gateway-lagging' : causeOfWord(worst, first.seen, sight),
    detail,
  };
}

function causeOfWord(word: (typeof faulty)[number], seen: Seen<GatewayAnswer>, sight: SubscriptionSight): Cause {
  switch (word) {
    case 'quota':
      return 'quota-exhausted';
    case 'key-missing':
      return 'missing-header';
    case 'forbidden':
      return causeOfForbidden(seen, sight);
    case 'key-refused':
    case 'refused':
      return 'key-refused';
    case 'not-found':
      return 'wrong-path';
    case 'silent':
      return 'gateway-unavailable';
  }
}

/** The words of a 403 are documented nowhere: without them, what the authority says of the subscription decides. */
export function causeOfForbidden(seen: Seen<GatewayAnswer>, sight: SubscriptionSight): Cause {
  const about = seen.kind === 'seen' ? seen.value.about : undefined;
  if (about === 'suspended') return 'suspended-subscription';
  return about === 'product' || isActive(sight) ? 'wrong-product' : 'subscription-forbidden';
}

/** A key that was regenerated is refused until the gateways have heard of it. */
function isBeingRotated(name: NamedKey['name'], record: RotationRecord | undefined): boolean {
  const state = record?.state;
  return (state?.phase === 'regenerating' || state?.phase === 'settling') && state.slot === name;
}
