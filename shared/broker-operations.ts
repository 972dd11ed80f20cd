import type { Trail } from './broker-audit.ts';
import type { Callers } from './broker-callers.ts';
import type { Credentials } from './broker-credentials.ts';
import type { Rotation } from './broker-rotation.ts';
import type { Worker } from './broker-worker.ts';
import { readPrincipal } from './callers/operator-principal.ts';
import { createRateLimiter, type RateLimit } from './callers/rate.ts';
import type { Config } from './config/config.ts';
import type { ConfigState } from './config/reload.ts';
import type { ClientScopes } from './credentials/tokens.ts';
import { BrokerError } from './errors.ts';
import { createAudited } from './http/audited.ts';
import { commands } from './http/contract/rotation.ts';
import type { StatusAnswer } from './http/contract/status.ts';
import type { Offer } from './http/asked.ts';
import { createOperatorAuthenticate, type AuthenticateOperator, type OperatorShare } from './http/operator.ts';
import { createRotationRoute } from './http/rotations.ts';
import type { Route } from './http/serve.ts';
import { createStatusRoute } from './http/status.ts';
import { createSteeringRoute } from './http/steering.ts';
import type { Counted } from './operations/figures.ts';
import { createRotationBoard } from './operations/rotation-board.ts';
import { createRotations, type Rotations } from './operations/rotations.ts';
import { createStatus } from './operations/status.ts';
import type { Load } from './telemetry/meter.ts';

/** What is built of one configuration, where it is looked at and steered. */
type Parts = Pick<Callers, 'verifier' | 'signingKeys'> & {
  readonly trail: Trail;
  readonly credentials: Credentials;
  readonly offers: ReadonlyMap<string, Offer>;
  readonly rotation: Rotation;
};

/** The routes of those who operate the broker, and what further ones need. */
export type Operations = {
  readonly status: Route;
  readonly rotation: Route;
  readonly steering: Route;
  readonly authenticateOperator: AuthenticateOperator;
};

/** What all operators who may only read, and all who may write, may ask of one instance: a few dashboards, and a script. */
const operatorsLimit = { perSecond: 50, burst: 200 };
const operatorsLimits = new Map<OperatorShare, RateLimit>([
  ['readers', operatorsLimit],
  ['writers', operatorsLimit],
]);

/** Makes the operators' routes of one configuration after another. */
export function buildOperations(worker: Worker): (config: Config, parts: Parts) => Operations {
  const { clock, settings } = worker;
  const limiter = createRateLimiter(clock, operatorsLimits);
  return (config, parts) => {
    const { trail } = parts;
    const { tenantId } = config.broker;
    const { rotations, readStatus } = buildViews(worker, config, parts);
    const readOwn = settings.isSignInOn ? (header: string) => readPrincipal(header, tenantId) : undefined;
    const { verifier } = parts;
    const authenticateOperator = createOperatorAuthenticate({ verifier, limiter, readPrincipal: readOwn });
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
    };
  };
}

function buildViews(worker: Worker, config: Config, { signingKeys, credentials, offers, rotation }: Parts) {
  const { clock, figures, instance, startedOn } = worker;
  const { policies, records } = rotation;
  figures.use(toCounted(config, credentials.clients));
  const board = createRotationBoard(
    { clock, records },
    { subscriptions: [...policies.keys()], upstreamTimeoutMs: config.broker.upstreamTimeoutMs },
  );
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
    configuration: () => describe(worker.configuration()),
  });
  const rotations: Rotations = createRotations({ clock, records, board, policies });
  return { readStatus, rotations };
}

function describe({ problems, ...state }: ConfigState): StatusAnswer['configuration'] {
  return { ...state, problems: [...problems] };
}

/** What the configuration has names for. */
function toCounted({ subscriptions, callers }: Config, clients: readonly ClientScopes[]): Counted {
  const loads: readonly Load[] = [
    ...subscriptions.map(({ name }) => ({ kind: 'key', of: name }) as const),
    ...clients.map(({ name }) => ({ kind: 'client-secret', of: name }) as const),
    ...clients.flatMap(({ name, scopes }) =>
      Array.from(scopes, (scope) => ({ kind: 'token', of: name, scope }) as const),
    ),
  ];
  return { callers: callers.map(({ name }) => name), loads };
}
