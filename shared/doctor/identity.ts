import type { Config } from '../config/config.ts';
import { toTimestamp } from '../names.ts';
import { causeOf, tellUpstream } from './cause-of.ts';
import { findingsOf, type Finding } from './finding.ts';
import type { Look, Seen } from './look.ts';
import type { DoctorPorts, Service, TokenFacts } from './ports.ts';

export type Identities = ReadonlyMap<Service, Seen<TokenFacts>>;

const { well, fault, skipped } = findingsOf('identity');

/** Asks for a token for each service that the configuration needs. */
export async function lookAtIdentity(
  { identity, records }: Pick<DoctorPorts, 'identity' | 'records'>,
  { subscriptions }: Config,
  look: Look,
): Promise<Identities> {
  const needsManagement = subscriptions.some(({ authority }) => authority?.kind === 'arm');
  const services: Service[] = [
    'Key Vault',
    ...(needsManagement ? (['Azure Resource Manager'] as const) : []),
    ...(records ? (['Table Storage'] as const) : []),
  ];
  const seen = services.map(
    async (service) => [service, await look.at('identity-unavailable', (signal) => identity(service, signal))] as const,
  );
  return new Map(await Promise.all(seen));
}

/** One finding for all services where one cause stands for all. */
export function judgeIdentity(identities: Identities): Finding[] {
  const findings = Array.from(identities, ([service, seen]) => judgeService(service, seen));
  const [first] = findings;
  const isShared = findings.length > 1 && findings.every(({ cause }) => cause !== null && cause === first?.cause);
  return isShared && first ? [{ ...first, subject: 'managed identity' }] : findings;
}

function judgeService(service: Service, seen: Seen<TokenFacts>): Finding {
  switch (seen.kind) {
    case 'seen':
      return well(service, tellToken(seen.value));
    case 'failed':
      return fault(service, causeOf(seen.error), tellUpstream(seen.error));
    case 'skipped':
      return skipped(service, seen.because);
  }
}

/** Role assignments name the object id. */
function tellToken({ objectId, expiresAt }: TokenFacts): string | undefined {
  if (objectId === undefined || expiresAt === undefined) return undefined;
  return `The identity’s object id is ${objectId}; its token ends at ${toTimestamp(expiresAt)}.`;
}
