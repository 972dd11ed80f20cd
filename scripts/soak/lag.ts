import type { Clock } from '../../shared/clock.ts';

/** How late this process's own alarms are: it makes the load and the stand-ins, and what it is late for looks like a slow broker. */
export type Lag = { readonly mostMs: () => number; readonly stop: () => void };

const lookMs = 50;
/** A little longer than any request is waited for. */
const rememberedMs = 25_000;

export function startLag(clock: Clock): Lag {
  const seen: { at: number; lateMs: number }[] = [];
  let cancel = (): void => {};
  const look = (due: number): void => {
    const now = clock.monotonic();
    if (now - due > lookMs) seen.push({ at: now, lateMs: now - due });
    while (seen[0] && seen[0].at < now - rememberedMs) seen.shift();
    cancel = clock.after(lookMs, () => look(now + lookMs));
  };
  look(clock.monotonic());
  return {
    mostMs: () => seen.reduce((most, { lateMs }) => Math.max(most, lateMs), 0),
    stop: () => cancel(),
  };
}
