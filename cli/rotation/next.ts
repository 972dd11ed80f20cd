import type { RotationView } from '../../shared/http/contract/rotation.ts';
import { relative } from '../text/moments.ts';

/** What comes next in a rotation, and when: `regenerating-secondary in 27 d`. */
export function nextOf({ plan }: RotationView, now: number): string {
  const [, next] = plan;
  if (!next) return '-';
  const when = Date.parse(next.notBefore) <= now ? 'at the next tick' : relative(next.notBefore, now);
  return `${next.state} ${when}`;
}
