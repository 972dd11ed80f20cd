import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { SubscriptionName } from '../names.ts';
import type { RotationPolicy } from '../rotation/policy.ts';
import { judgeApi, lookAtApi, type ApiCall } from './apis.ts';
import { defaultScopeOf, judgeClient, lookAtClients } from './clients.ts';
import { deviationOf, deviationOfToken, judgeClock } from './clock.ts';
import { judgeConfiguration } from './configuration.ts';
import { judgeEntra, lookAtEntra, saysEntraIsDown } from './entra.ts';
import type { Finding } from './finding.ts';
import { judgeGateways, lookAtGateways } from './gateways.ts';
import { judgeIdentity, lookAtIdentity } from './identity.ts';
import { judgeKeys, lookAtKeys, type KeySight } from './keys.ts';
import { createLook, valueOf, type Look } from './look.ts';
import type { DoctorPorts, Service } from './ports.ts';
import { judgeRotation, judgeStorage, lookAtRecords } from './records.ts';
import { judgeSecrets, lookAtSecrets } from './secrets.ts';
import { judgeSubscription, lookAtSubscriptions, obstacleToKeys } from './subscriptions.ts';

/**
 * Looks at everything that handing out headers and rotating keys depend on, and tells what is not well. Changes nothing.
 *
 * @param signal ends it: what was not reached by then is `skipped`.
 * @param onFinding told of each finding when it is made, in the order of the answer.
 */
export type Examine = (signal: AbortSignal, onFinding?: (finding: Finding) => void) => Promise<readonly Finding[]>;

type Dependencies = {
  clock: Clock;
  /** Made anew for each examination, so that nothing cached hides what is wrong now. */
  createPorts: () => DoctorPorts;
};
type Options = {
  config: Config;
  /** Of each subscription that is rotated. */
  policies: ReadonlyMap<SubscriptionName, RotationPolicy>;
};

/** One examination: what it looks through, and whom it tells. */
type Examination = Options & {
  readonly clock: Clock;
  readonly ports: DoctorPorts;
  readonly look: Look;
  readonly tell: (...findings: readonly Finding[]) => void;
};

export function createExamine({ clock, createPorts }: Dependencies, options: Options): Examine {
  const { upstreamTimeoutMs } = options.config.broker;
  return async (signal, onFinding) => {
    const findings: Finding[] = [];
    const tell = (...found: readonly Finding[]) => {
      findings.push(...found);
      for (const finding of found) onFinding?.(finding);
    };
    const look = createLook({ clock, upstreamTimeoutMs, signal });
    await examine({ ...options, clock, ports: createPorts(), look, tell });
    return findings;
  };
}

async function examine(examination: Examination): Promise<void> {
  examination.tell(...judgeConfiguration(examination.config));
  const services = await examineServices(examination);
  const credentials = await examineCredentials(examination, services);
  const keys = await examineKeys(examination, credentials);
  await examineApis(examination, credentials, keys);
  judgeRecords(examination, credentials);
}

/** The services that all else comes from. */
async function examineServices({ ports, config, look, tell }: Examination) {
  const [identities, entra, vault] = await Promise.all([
    lookAtIdentity(ports, config, look),
    lookAtEntra(ports, look),
    look.at('vault-unavailable', ports.askVault),
  ]);
  const finding = judgeEntra(entra);
  tell(...judgeIdentity(identities), finding);
  return {
    hasToken: (service: Service) => valueOf(identities.get(service)) !== undefined,
    isEntraDown: saysEntraIsDown(finding),
    deviations: [...deviationOf('Entra', entra), ...deviationOf('Key Vault', vault)],
  };
}

type Services = Awaited<ReturnType<typeof examineServices>>;

/** Secrets, and what can be had with them. */
async function examineCredentials(examination: Examination, { hasToken, isEntraDown, deviations }: Services) {
  const { ports, config, look, clock, tell } = examination;
  const secrets = await lookAtSecrets(ports, config, hasToken('Key Vault'), look);
  const [clients, sights, records, gateways] = await Promise.all([
    lookAtClients(ports, config, { secrets, isEntraDown, nowMs: clock.wall() }, look),
    lookAtSubscriptions(ports, config, { secrets, hasManagementToken: hasToken('Azure Resource Manager') }, look),
    lookAtRecords(ports, config, hasToken('Table Storage'), look),
    lookAtGateways(ports, config, look),
  ]);
  const tokens = clients
    .flatMap((client) => Array.from(client.tokens.values(), valueOf))
    .filter((one) => one !== undefined);
  const clockFinding = judgeClock([
    ...deviations,
    ...tokens.flatMap(({ facts }) => deviationOfToken(facts, clock.wall())),
  ]);
  tell(
    clockFinding,
    ...judgeSecrets(secrets, clock.wall()),
    ...clients.flatMap(judgeClient),
    ...judgeGateways(gateways),
  );
  return { clients, sights, records, gateways, isClockOff: clockFinding.cause !== null };
}

type Credentials = Awaited<ReturnType<typeof examineCredentials>>;

/** Each subscription, and its keys at its gateways. */
async function examineKeys({ ports, look, tell }: Examination, { sights, records, gateways }: Credentials) {
  const examined = sights.map((sight) => ({ sight, finding: judgeSubscription(sight) }));
  tell(...examined.map(({ finding }) => finding));
  const looking = examined.map(({ sight, finding }) => {
    const record = valueOf(records.get(sight.subscription.name))?.record;
    return lookAtKeys(ports, sight, { record, gateways, obstacle: obstacleToKeys(finding) }, look);
  });
  const keys = await Promise.all(looking);
  tell(...keys.flatMap(judgeKeys));
  return keys;
}

/** Each API, with the headers that its callers get. */
async function examineApis(
  { ports, config, look, tell }: Examination,
  { clients, isClockOff }: Credentials,
  keys: readonly KeySight[],
): Promise<void> {
  const calls = config.apis.flatMap((api): ApiCall[] => {
    const ownKeys = keys.find(({ sight }) => sight.subscription.name === api.subscription);
    const scope = defaultScopeOf(api);
    const client = clients.find(({ client: { name } }) => name === api.oauth?.client);
    return ownKeys ? [{ api, keys: ownKeys, token: scope && client?.tokens.get(scope), isClockOff }] : [];
  });
  tell(...(await Promise.all(calls.map(async (call) => judgeApi(call, await lookAtApi(ports, call, look))))));
}

/** Each rotation's record, beside what has been seen of the keys. */
function judgeRecords({ policies, clock, tell }: Examination, { sights, records }: Credentials): void {
  const storage = judgeStorage(records);
  const isStorageDown = storage.some(({ verdict }) => verdict === 'fault');
  const rotations = sights.flatMap((sight) => {
    const { name } = sight.subscription;
    const [record, policy] = [records.get(name), policies.get(name)];
    return record && policy ? [judgeRotation(record, { sight, policy, isStorageDown, wallMs: clock.wall() })] : [];
  });
  tell(...storage, ...rotations);
}
