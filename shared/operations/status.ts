import type { SigningKeys } from '../callers/signing-keys.ts';
import type { Config, SubscriptionConfig } from '../config/config.ts';
import type { HeaderSets, Requirement } from '../credentials/header-set.ts';
import type { ClientScopes } from '../credentials/tokens.ts';
import type { StatusAnswer } from '../http/contract/status.ts';
import { toTimestamp, type ApiName, type SubscriptionName } from '../names.ts';
import type { RotationPolicy } from '../rotation/policy.ts';
import { toClientView, toKeyView, type Caches } from './credential-views.ts';
import type { Figures } from './figures.ts';
import { intervalMs } from './intervals.ts';
import type { RotationBoard, Seen } from './rotation-board.ts';
import { createRotationViews, type toRotationView } from './rotation-view.ts';

/** What `GET /v1/status` says, but for who asks. */
type Status = Omit<StatusAnswer, 'operator'>;

/** What a status is read from: this instance's memory, and the rotation records. Nothing is loaded for it. */
export type StatusSources = Caches & {
  readonly config: Config;
  readonly instance: StatusAnswer['instance'];
  readonly configuration: () => StatusAnswer['configuration'];
  readonly signingKeys: Pick<SigningKeys, 'areLoaded'>;
  readonly headerSets: Pick<HeaderSets, 'isCached'>;
  readonly figures: Figures;
  readonly board: RotationBoard;
  /** What each API asks of a header set by default. */
  readonly requirements: ReadonlyMap<ApiName, Requirement>;
  readonly clients: readonly ClientScopes[];
  readonly policies: ReadonlyMap<SubscriptionName, RotationPolicy>;
};

export type ReadStatus = (signal: AbortSignal) => Promise<Status>;

export function createStatus(sources: StatusSources): ReadStatus {
  const { clock, config, figures, board } = sources;
  const toView = createRotationViews();
  return async (signal) => {
    const seen = await board.read(signal);
    return {
      generatedOn: toTimestamp(clock.wall()),
      instance: sources.instance,
      configuration: sources.configuration(),
      readiness: readReadiness(sources),
      subscriptions: config.subscriptions.map((one) =>
        toSubscriptionView({ ...sources, toView }, one, seen.get(one.name)),
      ),
      clients: config.clients.map((client) => {
        const scopes = sources.clients.find(({ name }) => name === client.name)?.scopes ?? [];
        return toClientView(sources, client, [...scopes]);
      }),
      callers: config.callers.map(({ name, apis }) => {
        const { lastOn = null, ...handOuts } = figures.ofCaller(name);
        return { name, apis: [...apis], handOuts, lastOn };
      }),
      figures: { intervalSeconds: intervalMs / 1_000, ...figures.series() },
    };
  };
}

function readReadiness({ signingKeys, headerSets, requirements }: StatusSources): Status['readiness'] {
  const areKeysLoaded = signingKeys.areLoaded();
  const apis = Array.from(requirements, ([name, requirement]) => ({ name, ready: headerSets.isCached(requirement) }));
  return { ready: areKeysLoaded && apis.some(({ ready }) => ready), signingKeys: areKeysLoaded, apis };
}

function toSubscriptionView(
  sources: StatusSources & { readonly toView: typeof toRotationView },
  subscription: SubscriptionConfig,
  seen: Seen | undefined,
): Status['subscriptions'][number] {
  const { name, authority } = subscription;
  const policy = sources.policies.get(name);
  return {
    name,
    authority: authority?.kind ?? null,
    apis: sources.config.apis.filter((api) => api.subscription === name).map((api) => api.name),
    key: toKeyView(sources, subscription),
    rotation: seen && policy && 'record' in seen ? sources.toView(seen.record, policy, sources.clock.wall()) : null,
    rotationProblem: seen && 'problem' in seen ? seen.problem : null,
  };
}
