import type { Config } from '../config/config.ts';
import { addressAt } from '../gateway-address.ts';
import { tellAnswer, wordOf } from './answer.ts';
import { findingsOf, type Finding } from './finding.ts';
import type { Look, Seen } from './look.ts';
import type { DoctorPorts, GatewayAnswer } from './ports.ts';

/** What each gateway answers to a call without credentials, by its address. */
export type Gateways = ReadonlyMap<string, Seen<GatewayAnswer>>;

const { well, fault, skipped } = findingsOf('gateway');

/** Calls each gateway once, without a key: whatever it answers, it is there. */
export async function lookAtGateways(
  { call }: Pick<DoctorPorts, 'call'>,
  { subscriptions }: Config,
  look: Look,
): Promise<Gateways> {
  const addresses = new Map<string, string>();
  for (const { probe } of subscriptions) {
    for (const gateway of probe?.gateways ?? []) addresses.set(gateway, addressAt(gateway, probe?.url ?? gateway));
  }
  const seen = Array.from(addresses, async ([gateway, address]) => {
    return [gateway, await look.at('deadline', (signal) => call(address, {}, signal))] as const;
  });
  return new Map(await Promise.all(seen));
}

export function judgeGateways(gateways: Gateways): Finding[] {
  return Array.from(gateways, ([gateway, seen]) => {
    if (seen.kind === 'skipped') return skipped(gateway, seen.because);
    return wordOf(seen) === 'silent' ? fault(gateway, 'gateway-unavailable', tellAnswer(seen)) : well(gateway);
  });
}

export function isReachable(gateways: Gateways, gateway: string): boolean {
  const seen = gateways.get(gateway);
  return seen?.kind === 'seen' && wordOf(seen) !== 'silent';
}
