import type { Rotation } from './broker-rotation.ts';
import { readPrincipal } from './callers/operator-principal.ts';
import { createRateLimiter } from './callers/rate.ts';
import type { SigningKeys } from './callers/signing-keys.ts';
import type { TokenVerifier } from './callers/verify.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config/config.ts';
import type { Loaded } from './config/load.ts';
import type { HeaderSets } from './credentials/header-set.ts';
import type { KeyCache } from './credentials/keys.ts';
import type { ClientScopes, TokenCache } from './credentials/tokens.ts';
import { BrokerError } from './errors.ts';
import { createAudited } from './http/audited.ts';
import { commands } from './http/contract/rotation.ts';
import type { StatusAnswer } from './http/contract/status.ts';
import type { Offer } from './http/headers.ts';
import { createOperatorAuthenticate, type AuthenticateOperator } from './http/operator.ts';
import { createRotationRoute } from './http/rotations.ts';
import type { Route } from './http/serve.ts';
import { createStatusRoute } from './http/status.ts';
import { createSteeringRoute } from './http/steering.ts';
import { toTimestamp } from './names.ts';
import { createFigures, type Figures } from './operations/figures.ts';
import { createRotationBoard } from './operations/rotation-board.ts';
import { createRotations, type Rotations } from './operations/rotations.ts';
import { createStatus } from './operations/status.ts';
import type { Audit } from './telemetry/audit.ts';
import type { Load, Meter } from './telemetry/meter.ts';

/** What header sets are made of, where it is looked at and not asked for. */
export type Credentials = {
  readonly clients: readonly ClientScopes[];
  readonly keys: KeyCache;
  readonly tokens: TokenCache;
  readonly headerSets: HeaderSets;
};

type Parts = {
  readonly clock: Clock;
  readonly trail: { readonly clock: Clock; readonly audit: Audit };
  readonly verifier: TokenVerifier;
  readonly signingKeys: SigningKeys;
  readonly credentials: Credentials;
  readonly offers: ReadonlyMap<string, Offer>;
  readonly rotation: Rotation;
  /** Names this worker. */
  readonly instance: string;
};

/** The routes of those who operate the broker, and what further ones need. */
export type Operations = {
  readonly status: Route;
  readonly rotation: Route;
  readonly steering: Route;
  readonly authenticateOperator: AuthenticateOperator;
  /** Counts for the status what it is told. */
  readonly meter: Meter;
};

/** What all operators together may ask of one instance: a few dashboards, and a script. */
const operatorsLimit = { perSecond: 50, burst: 200 };

export function buildOperations(loaded: Loaded, parts: Parts): Operations {
  const { clock, trail, verifier } = parts;
  const { config, settings } = loaded;
  const { tenantId } = config.broker;
  const figures = buildFigures(config, parts.credentials.clients, clock);
  const { rotations, readStatus } = buildViews(loaded, parts, figures);
  const authenticateOperator = createOperatorAuthenticate({
    verifier,
    limiter: createRateLimiter(clock, new Map([['operators', operatorsLimit]])),
    readPrincipal: settings.isSignInOn ? (header) => readPrincipal(header, tenantId) : undefined,
  });
  const subscriptions = new Set(config.subscriptions.map(({ name }) => name));
  const common = { authenticateOperator, subscriptions, rotations };
  const steering = new Map<string, Route>(
    commands.map((command) => [
      command,
      createAudited(trail, `rotation.${command}`, createSteeringRoute(common, command)),
    ]),
  );
  return {
    status: createAudited(trail, 'status.read', createStatusRoute({ authenticateOperator, readStatus })),
    rotation: createAudited(trail, 'rotation.read', createRotationRoute(common)),
    steering: async (exchange, signal) => {
      const route = steering.get(exchange.request.params['command'] ?? '');
      if (!route) throw new BrokerError('route-unknown');
      return route(exchange, signal);
    },
    authenticateOperator,
    meter: figures.meter,
  };
}

function buildViews(
  { config }: Loaded,
  { clock, signingKeys, credentials, offers, rotation, instance }: Parts,
  figures: Figures,
) {
  const { policies, records } = rotation;
  const board = createRotationBoard(
    { clock, records },
    { subscriptions: [...policies.keys()], upstreamTimeoutMs: config.broker.upstreamTimeoutMs },
  );
  const startedOn = toTimestamp(clock.wall());
  const readStatus = createStatus({
    ...credentials,
    clock,
    config,
    figures,
    board,
    policies,
    signingKeys,
    requirements: new Map(Array.from(offers.values(), ({ api, plain }) => [api, plain])),
    instance: { name: instance, startedOn },
    configuration: () => describeFile(startedOn),
  });
  const rotations: Rotations = createRotations({ clock, records, board, policies });
  return { readStatus, rotations };
}

/** A file is read when the worker starts, or nothing starts. */
function describeFile(loadedOn: StatusAnswer['configuration']['loadedOn']): StatusAnswer['configuration'] {
  return { source: 'file', version: null, loadedOn, lastFailure: null, problems: [] };
}

/** Counts what the configuration has names for. */
function buildFigures({ subscriptions, callers }: Config, clients: readonly ClientScopes[], clock: Clock): Figures {
  const loads: readonly Load[] = [
    ...subscriptions.map(({ name }) => ({ kind: 'key', of: name }) as const),
    ...clients.map(({ name }) => ({ kind: 'client-secret', of: name }) as const),
    ...clients.flatMap(({ name, scopes }) =>
      Array.from(scopes, (scope) => ({ kind: 'token', of: name, scope }) as const),
    ),
  ];
  return createFigures(clock, { callers: callers.map(({ name }) => name), loads });
}
