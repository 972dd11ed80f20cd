import { namePattern, type CallerName } from '../names.ts';
import type { AuditAction, AuditRecord, FixedTrail } from './audit.ts';

const callersActions: ReadonlySet<AuditAction> = new Set([
  'headers.hand-out',
  'headers.reject',
  'apis.list',
  'api.call',
  'api.repeat',
  'token.validate',
]);

/** Trails that no caller can be named like. */
export const fixedTrails: readonly FixedTrail[] = ['_unknown', '_operators'];

export function isTrail(name: string): boolean {
  return namePattern.test(name) || fixedTrails.some((each) => each === name);
}

/** In whose trail a record stands: a configured caller's own, the operators', or that of whoever could not be told. */
export function trailOf({
  caller,
  objectId,
  action,
}: Pick<AuditRecord, 'caller' | 'objectId' | 'action'>): CallerName | FixedTrail {
  if (caller !== undefined) return caller;
  return objectId === undefined || callersActions.has(action) ? '_unknown' : '_operators';
}

/** The day of a moment, in UTC. A trail is kept day by day. */
export function dayOf({ time }: Pick<AuditRecord, 'time'>): string {
  return time.slice(0, 'yyyy-mm-dd'.length);
}
