import type { RotationView } from '../../shared/http/contract/rotation.ts';
import { both, relative } from '../text/moments.ts';

/** Nothing happens between two ticks of the timer: a moment before the next one is not worth its seconds. */
const tickMs = 60_000;

/** What comes next in a rotation, and when: `regenerating-secondary in 27 d`. */
export function nextOf({ plan, paused }: RotationView, now: number): string {
  const [, next] = plan;
  if (!next) return paused ? 'paused' : '-';
  const when = isAtNextTick(next.notBefore, now) ? 'at the next tick' : relative(next.notBefore, now);
  return `${next.state} ${when}${paused ? ' (paused)' : ''}`;
}

/** The moment before which a state is not entered, in words. */
export function notBefore(moment: string, now: number): string {
  return isAtNextTick(moment, now) ? 'at the next tick' : `not before ${both(moment, now)}`;
}

function isAtNextTick(moment: string, now: number): boolean {
  return Date.parse(moment) - now <= tickMs;
}
