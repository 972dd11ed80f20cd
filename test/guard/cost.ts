import type { BrokerOnStack, RequestCount } from '../support/broker-on-stack.ts';
import type { Cost } from './limits.ts';

/** What a broker does for `work`, counted from here on. Work that goes on after it has answered is for `work` to wait for. */
export async function costOf(on: BrokerOnStack, work: () => Promise<unknown>): Promise<Cost> {
  await on.steer('/requests', 'DELETE');
  on.lines.length = 0;
  await work();
  const requests = (await on.counts()).map((row) => [kindOf(row), row.count] as const);
  const ofWorker = [
    ['lines', on.lines.length],
    ['auditRecords', on.lines.filter(({ event }) => event === 'audit').length],
    ['timers', on.clock.pending()],
  ] as const;
  const cost: Record<string, number> = {};
  for (const [kind, count] of [...requests, ...ofWorker]) if (count > 0) cost[kind] = (cost[kind] ?? 0) + count;
  return cost;
}

/** Waits for what goes on after an answer: all of it has a deadline, which is an alarm. Not for ever, so that an alarm that stays is counted. */
export async function untilAtRest({ clock, counts }: BrokerOnStack): Promise<void> {
  for (let turn = 0; turn < 1_000 && clock.pending() > 0; turn += 1) await counts();
}

/** A request that is of no kind goes by its own name, which no limit has. */
function kindOf({ target, method, path, status }: RequestCount): keyof Cost | `${string} ${string}` {
  if (target === 'entra' && path.endsWith('/discovery/v2.0/keys')) return 'signingKeys';
  if (target === 'entra' && path.endsWith('/oauth2/v2.0/token')) return 'tokens';
  if (target === 'identity') return 'identityTokens';
  if (target === 'vault' && status === 401) return 'vaultChallenges';
  if (target === 'vault') return method === 'GET' ? 'vaultReads' : 'vaultWrites';
  if (target === 'storage') return method === 'GET' ? 'storageReads' : 'storageWrites';
  if (target === 'management' || target === 'gateway') return target;
  return `${target} ${method} ${path}`;
}
