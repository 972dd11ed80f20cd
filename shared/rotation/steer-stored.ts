import { hash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { BrokerError } from '../errors.ts';
import type { Guid, StatedReason, SubscriptionName } from '../names.ts';
import type { SteeringReceipt, SteeringStore } from './ports.ts';
import { nameOf, type RotationRecord } from './record.ts';
import { steer, type Command } from './steering.ts';

/** What an operator asks for, under a key that names the request wherever and however often it is sent. */
export type SteeringRequest = {
  readonly subscription: SubscriptionName;
  readonly command: Command;
  readonly statedReason: StatedReason;
  /** The operator's object id. */
  readonly operator: Guid;
  readonly idempotencyKey: string;
};

/** What it came to, and when. Wall clock, milliseconds. */
export type Steered = { readonly record: RotationRecord; readonly at: number; readonly isReplayed: boolean };

type Dependencies = { clock: Clock; records: SteeringStore };

/** The timer writes each record once a minute, or a few times while a cycle is busy: it is hardly ever met twice. */
const mostAttempts = 5;

/**
 * Carries out a command on the stored record, once for each key: in the transaction that writes the record a receipt is written, which whoever
 * asks again is answered from. So it holds through restarts, on all instances and when the answer to a write was lost.
 *
 * @throws {BrokerError} `conflict` or `not-confirmed` when it is refused, `changed-meanwhile`, and those of the store.
 */
export async function steerStored(
  { clock, records }: Dependencies,
  request: SteeringRequest,
  signal: AbortSignal,
): Promise<Steered> {
  const key = hash('sha256', request.idempotencyKey);
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    const receipt = await records.receipt(request.subscription, key, signal);
    if (receipt) return replay(receipt, request);
    const steered = await attemptOnce({ clock, records }, request, key, signal);
    if (steered) return steered;
  }
  throw new BrokerError('changed-meanwhile');
}

function replay({ request, record, at }: SteeringReceipt, asked: SteeringRequest): Steered {
  if (request !== nameRequest(asked)) throw new BrokerError('idempotency-key-reused');
  return { record, at, isReplayed: true };
}

/** @returns `undefined` when somebody else was first. */
async function attemptOnce(
  { clock, records }: Dependencies,
  request: SteeringRequest,
  key: string,
  signal: AbortSignal,
): Promise<Steered | undefined> {
  const { subscription, command, operator, statedReason } = request;
  const stored = await records.read(subscription, signal);
  if (!stored) throw new BrokerError('no-record');
  const at = clock.wall();
  const steered = steer(stored.record, command, at);
  if ('refusal' in steered) throw new BrokerError(steered.refusal);
  const { record } = steered;
  const history = {
    subscription,
    at,
    from: nameOf(stored.record.state),
    to: nameOf(record.state),
    event: `asked-to-${command.kind}`,
    generation: record.generation,
    runner: operator,
    statedReason,
  };
  const receipt = { subscription, key, request: nameRequest(request), at, record };
  const etag = await records.steer({ etag: stored.etag, history, receipt }, signal);
  return etag === undefined ? undefined : { record, at, isReplayed: false };
}

function nameRequest({ command, statedReason, operator }: SteeringRequest): string {
  const confirm = command.kind === 'emergency' ? command.confirm : null;
  return hash('sha256', JSON.stringify([command.kind, confirm, statedReason, operator]));
}
