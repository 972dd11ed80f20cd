import { BrokerError } from '../errors.ts';
import type { SubscriptionName } from '../names.ts';
import { toMoment } from '../operations/moment.ts';
import type { Rotations } from '../operations/rotations.ts';
import type { HistoryEntry } from '../rotation/ports.ts';
import { jsonAnswer } from './answer.ts';
import type { Decide } from './audited.ts';
import type { RotationAnswer } from './contract/rotation.ts';
import type { AuthenticateOperator } from './operator.ts';
import { readQuery } from './query.ts';

type Dependencies = {
  authenticateOperator: AuthenticateOperator;
  subscriptions: ReadonlySet<SubscriptionName>;
  rotations: Pick<Rotations, 'read'>;
};

/** `GET /v1/rotations/{subscription}` */
export function createRotationRoute({ authenticateOperator, subscriptions, rotations }: Dependencies): Decide {
  return async ({ request }, facts, signal) => {
    await authenticateOperator(request, 'read', facts, signal);
    readQuery(request.url, []);
    const subscription = findSubscription(subscriptions, request.params['subscription']);
    facts.subscription = subscription;
    const { rotation, problem, history } = await rotations.read(subscription, signal);
    const answer: RotationAnswer = { subscription, rotation, problem, history: history.map(toHistoryView) };
    return jsonAnswer(answer);
  };
}

/** Operators may know which subscriptions there are. @throws {BrokerError} `subscription-unknown` */
export function findSubscription(
  subscriptions: ReadonlySet<SubscriptionName>,
  name: string | undefined,
): SubscriptionName {
  const subscription = name as SubscriptionName;
  if (!subscriptions.has(subscription)) throw new BrokerError('subscription-unknown');
  return subscription;
}

function toHistoryView({ at, from, to, event, generation, runner, statedReason }: HistoryEntry) {
  return { on: toMoment(at), from, to, event, generation, by: runner, statedReason: statedReason ?? null };
}
