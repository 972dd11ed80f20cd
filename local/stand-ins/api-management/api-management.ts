import type { Clock } from '../../../shared/clock.ts';
import type { Entra } from '../entra/entra.ts';
import type { StandInRequest, StandInResponse } from '../server.ts';
import type { Refusal } from '../steering.ts';
import { createGateway } from './gateway.ts';
import type { Api } from './gateway.ts';
import { createManagement } from './management.ts';
import type { ServiceIdentity } from './management.ts';
import { createPortalSessions } from './portal-session.ts';
import type { PortalUser } from './portal-session.ts';
import { createPortal } from './portal.ts';
import { parseGatewaySteering, parseManagementSteering } from './steering.ts';
import type { GatewaySteering, ManagementSteering } from './steering.ts';
import { createSubscription } from './subscriptions.ts';
import type { Keys, Slot, Subscription, SubscriptionSpec } from './subscriptions.ts';

/** Whatever answers requests. */
export type Handler = { handle(request: StandInRequest): StandInResponse | Promise<StandInResponse> };

/** What `createApiManagement` takes: one service, and how many gateways it has. */
export type ApiManagementOptions = {
  clock: Clock;
  service: ServiceIdentity;
  subscriptions: readonly SubscriptionSpec[];
  apis: readonly Api[];
  gateways: number;
  portalUsers: readonly PortalUser[];
  /** Judges the bearer tokens of the APIs and of the management API. */
  verify: Entra['verify'];
  /** Who may use the management API, by object id. */
  contributors: readonly string[];
};

/** One API Management service: its gateways, its management API, its developer portal, and the hand that steers it from outside. */
export type ApiManagement = {
  /** A gateway by its number, from 0. Throws a `RangeError` for one that does not exist. */
  gateway(instance: number): Handler;
  management: Handler;
  portal: Handler;
  /** The body of `POST /gateway`. `undefined` when it was done. */
  steerGateway(body: unknown): Refusal | undefined;
  /** The body of `POST /management/{subscription}`. `undefined` when it was done. */
  steerManagement(sid: string, body: unknown): Refusal | undefined;
  /** What the service has now, whatever the gateways have; `undefined` for a subscription that does not exist. */
  keys(sid: string): Keys | undefined;
};

/** How long a quota's period is when only a number of calls is given. */
const quotaPeriodMs = 60_000;

/** A service whose every gateway knows every subscription from the start. */
export function createApiManagement(options: ApiManagementOptions): ApiManagement {
  const { clock, service, apis, verify, contributors } = options;
  const subscriptions = options.subscriptions.map((spec) => createSubscription(spec, options.gateways, clock));
  const instances = Array.from({ length: options.gateways }, (_, instance) => instance);
  const lateness = new Map<Subscription, number>();

  const regenerate = (subscription: Subscription, slot: Slot): void => {
    const delayMs = lateness.get(subscription);
    lateness.delete(subscription);
    if (delayMs === undefined) subscription.regenerate(slot);
    else clock.after(delayMs, () => subscription.regenerate(slot));
  };
  const gateways = instances.map((instance) =>
    createGateway({ instance, serviceName: service.name, apis, subscriptions, verify }),
  );
  const sessions = createPortalSessions(options.portalUsers, clock);

  const findSubscription = (sid: string): Subscription | Refusal =>
    subscriptions.find((each) => each.sid === sid) ?? {
      reason: `there is no such subscription; there are ${subscriptions.map((each) => each.sid).join(', ')}`,
    };

  return {
    gateway: (instance) => {
      const handle = gateways[instance];
      if (!handle) throw new RangeError(`there is no gateway ${instance}`);
      return { handle };
    },
    management: { handle: createManagement({ service, subscriptions, verify, contributors, regenerate }) },
    portal: { handle: createPortal({ sessions, subscriptions, regenerate }) },
    steerGateway: (body) => {
      const steering = parseGatewaySteering(body);
      if ('reason' in steering) return steering;
      const found = steering.subscription === undefined ? undefined : findSubscription(steering.subscription);
      if (found && 'reason' in found) return found;
      if (steering.instance !== undefined && !instances.includes(steering.instance))
        return { reason: `instance: there are ${instances.length} gateways, counted from 0` };
      const gatewaysMeant = steering.instance === undefined ? instances : [steering.instance];
      for (const subscription of found ? [found] : subscriptions) steerAt(subscription, gatewaysMeant, steering);
      return undefined;
    },
    steerManagement: (sid, body) => {
      const found = findSubscription(sid);
      if ('reason' in found) return found;
      const steering = parseManagementSteering(body);
      if ('reason' in steering) return steering;
      steerService(found, steering, (delayMs) => lateness.set(found, delayMs));
      return undefined;
    },
    keys: (sid) => subscriptions.find((each) => each.sid === sid)?.keys(),
  };
}

function steerAt(subscription: Subscription, gateways: readonly number[], steering: GatewaySteering): void {
  const { instance, state, quota, propagation: delayMs, offline } = steering;
  // The link first, so that what else is steered with it travels by it.
  for (const gateway of gateways) {
    if (delayMs !== undefined) subscription.setLink(gateway, { delayMs });
    if (offline !== undefined) subscription.setLink(gateway, { offline });
    if (quota !== undefined) subscription.setQuota(gateway, quotaRule(quota));
  }
  if (state === undefined) return;
  if (instance === undefined) subscription.setState(state);
  else subscription.overrideState(instance, state);
}

function quotaRule(
  quota: NonNullable<GatewaySteering['quota']> | null,
): { calls: number; periodMs: number } | undefined {
  if (quota === null) return undefined;
  if (typeof quota === 'number') return { calls: quota, periodMs: quotaPeriodMs };
  return { calls: quota.calls, periodMs: quota.per };
}

function steerService(
  subscription: Subscription,
  { regenerate, restore, late }: ManagementSteering,
  setLateness: (delayMs: number) => void,
): void {
  if (regenerate) subscription.regenerate(regenerate);
  if (restore) subscription.restoreKeys();
  if (late !== undefined) setLateness(late);
}
