import { createAuditRecords } from '../../shared/azure/audit-records.ts';
import { createIdentity } from '../../shared/azure/identity.ts';
import type { FaultScene } from './scene.ts';

/** Whether the table has the record of a request that was allowed. */
export async function isInTable({ on }: FaultScene, requestId: string): Promise<boolean> {
  const credential = createIdentity(on.clock, {
    clientId: undefined,
    upstreamTimeoutMs: () => 3_000,
    onFailure: () => {},
  });
  const store = createAuditRecords({ clock: on.clock, credential }, { url: on.stack.ready().storage ?? '' });
  const untilMs = on.clock.wall() + 1;
  const query = { trail: 'billing', sinceMs: untilMs - 60_000, untilMs, limit: 1_000 };
  const records = await store.read(query, new AbortController().signal);
  return records.some((record) => record.requestId === requestId && record.outcome === 'allowed');
}
