import { BrokerError } from '../errors.ts';
import type { StatedReason, SubscriptionName } from '../names.ts';
import type { Rotations } from '../operations/rotations.ts';
import type { Steered } from '../rotation/steer-stored.ts';
import { jsonAnswer } from './answer.ts';
import type { Decide } from './audited.ts';
import { readBody } from './body.ts';
import { steeringRequest, type Command, type SteeringAnswer } from './contract/rotation.ts';
import { readIdempotencyKey } from './idempotency-key.ts';
import type { AuthenticateOperator } from './operator.ts';
import { readQuery } from './query.ts';
import { findSubscription } from './rotations.ts';

/** In bytes: a reason of 200 characters, however it is encoded, and a name. */
const longestBody = 4_096;

type Dependencies = {
  authenticateOperator: AuthenticateOperator;
  subscriptions: ReadonlySet<SubscriptionName>;
  rotations: Pick<Rotations, 'steer'>;
};

/** `POST /v1/rotations/{subscription}/{command}` */
export function createSteeringRoute(
  { authenticateOperator, subscriptions, rotations }: Dependencies,
  command: Command,
): Decide {
  return async ({ request }, facts, signal) => {
    const operator = await authenticateOperator(request, 'write', facts, signal);
    readQuery(request.url, []);
    const subscription = findSubscription(subscriptions, request.params['subscription']);
    facts.subscription = subscription;
    const idempotencyKey = readIdempotencyKey(request);
    const { reason, confirm } = await readBody(request, steeringRequest, longestBody);
    const statedReason = reason as StatedReason;
    facts.statedReason = statedReason;
    if (command === 'emergency' && confirm !== subscription) throw new BrokerError('not-confirmed');
    const asked = command === 'emergency' ? { kind: command, confirm: subscription } : { kind: command };
    const steered = await rotations.steer(
      { subscription, command: asked, statedReason, operator: operator.objectId, idempotencyKey },
      signal,
    );
    facts.replayed = steered.isReplayed;
    const answer: SteeringAnswer = {
      subscription,
      command,
      replayed: steered.isReplayed,
      outage: command === 'emergency' ? describeOutage(steered) : null,
      rotation: steered.view,
    };
    return jsonAnswer(answer);
  };
}

function describeOutage({ record }: Steered): string {
  const { compromised, active, terms } = record;
  const seconds = Math.ceil(terms.headerLifetimeMs / 1_000);
  return (
    `Header sets that carry the ${compromised ?? active} key fail from its regeneration on, within some ticks of the timer, until their expiresOn: ` +
    `at most ${seconds} s after they were handed out. An instance hands that key out until it has read the one that replaces it.`
  );
}
