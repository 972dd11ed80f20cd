import type { TokenCredential } from '@azure/identity';
import { createTokenIssuer } from './azure/entra.ts';
import { createConfigBlob } from './azure/config-blob.ts';
import { callGateway } from './azure/gateway-call.ts';
import { createIdentityQuestion } from './azure/identity-question.ts';
import { createPlainQuestion } from './azure/plain-question.ts';
import { createRecordStore } from './azure/rotation-records.ts';
import { readTokenFacts } from './azure/token-facts.ts';
import { buildAuthorities, buildVault, toPolicy, type Report, type Vault } from './broker-rotation.ts';
import { buildMeasured } from './broker-telemetry.ts';
import type { Clock } from './clock.ts';
import type { Loaded, Remote } from './config/load.ts';
import { expectText } from './config/source.ts';
import { toFindings, toUnreadFindings } from './doctor/configuration.ts';
import { createExaminations } from './doctor/examinations.ts';
import { createExamine, type Examine } from './doctor/examine.ts';
import type { DoctorPorts, ExaminedAuthority } from './doctor/ports.ts';
import { toReport } from './doctor/report.ts';
import { createAudited } from './http/audited.ts';
import { createDoctorRoute } from './http/doctor.ts';
import type { AuthenticateOperator } from './http/operator.ts';
import { serve, type HttpHandler } from './http/serve.ts';
import type { SubscriptionName } from './names.ts';
import { recordFormat } from './rotation/record-format.ts';
import type { Audit } from './telemetry/audit.ts';
import { combineMeters } from './telemetry/meter.ts';

export { toFindings, toReport, toUnreadFindings };

/** What is examined. */
type Told = Pick<Loaded, 'settings' | 'config'>;

type Options = {
  /** In place of the app's managed identity, for whoever examines from another machine. */
  credential?: TokenCredential | undefined;
};

/** What fails is a finding: it needs no log line. */
const unreported: Report = () => () => {};

/** Examines what a configuration describes; `POST /v1/doctor` and `broker doctor` are the same. Looks afresh each time. */
export function createDoctor(loaded: Told, clock: Clock, options: Options = {}): { readonly examine: Examine } {
  const { broker, subscriptions } = loaded.config;
  const policies = subscriptions.flatMap(({ name, rotation, authority }) =>
    rotation && authority ? [[name, toPolicy(broker, rotation, authority)] as const] : [],
  );
  const createPorts = () => buildPorts(loaded, clock, options);
  return { examine: createExamine({ clock, createPorts }, { config: loaded.config, policies: new Map(policies) }) };
}

/** What an examination asks is no load of the broker's. */
const unmeasured = (clock: Clock) => buildMeasured(clock, combineMeters());

/** The default of a configuration that is yet to be read. */
const remoteTimeoutMs = 3_000;

/**
 * Reads a configuration that is in a blob, as the broker does at its start.
 *
 * @throws {ConfigError} for one that is not valid, and {BrokerError} where it cannot be read.
 */
export async function readRemote(
  remote: Remote,
  clock: Clock,
  signal: AbortSignal,
  { credential }: Options = {},
): Promise<Told> {
  const { settings, blobUrl, validate } = remote;
  const { identity } = buildVault(settings, clock, () => remoteTimeoutMs, unreported, unmeasured(clock), credential);
  const read = await createConfigBlob({ clock, credential: identity }, { url: blobUrl }).read(undefined, signal);
  return { settings, ...validate(expectText(read)) };
}

/** When the answer is given up; an examination ends before, with what it has. */
const requestTimeoutMs = 30_000;

type Trail = { clock: Clock; audit: Audit };

/** `POST /v1/doctor` */
export function buildDoctorHandler(
  loaded: Told,
  trail: Trail,
  authenticateOperator: AuthenticateOperator,
): HttpHandler {
  const { clock } = trail;
  const examine = createExaminations(clock, createDoctor(loaded, clock).examine);
  const route = createDoctorRoute({ authenticateOperator, examine });
  return serve({ clock, requestTimeoutMs }, ['POST'], createAudited(trail, 'doctor.run', route));
}

function buildPorts(loaded: Told, clock: Clock, { credential }: Options): DoctorPorts {
  const { config, settings } = loaded;
  const { authorityHost, keyVaultUrl, tableServiceUrl } = settings;
  const { upstreamTimeoutMs } = config.broker;
  const vault = buildVault(settings, clock, () => upstreamTimeoutMs, unreported, unmeasured(clock), credential);
  const isRotated = config.subscriptions.some(({ rotation }) => rotation);
  return {
    identity: createIdentityQuestion(vault.identity, settings),
    askEntra: createPlainQuestion(
      clock,
      `${authorityHost}/${config.broker.tenantId}/discovery/v2.0/keys`,
      'entra-unavailable',
    ),
    askVault: createPlainQuestion(clock, `${keyVaultUrl}/secrets?api-version=7.4`, 'vault-unavailable'),
    secrets: vault.store,
    publisherOf: vault.publisherOf,
    issuer: createTokenIssuer(clock, vault.identity, settings),
    readToken: readTokenFacts,
    authorities: buildExaminedAuthorities(loaded, clock, vault),
    call: callGateway,
    records:
      isRotated && tableServiceUrl !== undefined
        ? createRecordStore({ clock, credential: vault.identity, format: recordFormat }, { url: tableServiceUrl })
        : undefined,
  };
}

const authorityNames = {
  arm: 'Azure Resource Manager',
  'developer-portal': 'The developer portal',
  manual: 'Key Vault',
} as const;

function buildExaminedAuthorities(
  { config, settings }: Told,
  clock: Clock,
  vault: Vault,
): ReadonlyMap<SubscriptionName, ExaminedAuthority> {
  const surroundings = { settings, clock, vault, report: unreported, measured: unmeasured(clock) };
  const authorityOf = buildAuthorities(surroundings)(config);
  const entries = config.subscriptions.flatMap((subscription) => {
    const { name, secret, authority } = subscription;
    if (!authority) return [];
    const own = authorityOf(subscription, authority, vault.publisherOf(secret));
    return [[name, { ...own, name: authorityNames[authority.kind] }] as const];
  });
  return new Map(entries);
}
