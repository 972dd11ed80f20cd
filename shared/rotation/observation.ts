import type { Fingerprint } from '../names.ts';
import type { ProbeVerdict } from './ports.ts';
import type { Slot } from './slot.ts';

/** What a runner has looked at before it decides. What is absent was not looked at, or could not be seen: nothing is concluded from that. */
export type Observation = {
  readonly published?: {
    readonly fingerprint: Fingerprint;
    readonly generation: number | undefined;
    readonly slot?: Slot | undefined;
    readonly safeUntil: number | undefined;
  };
  readonly listed?: Readonly<Record<Slot, Fingerprint>>;
  /** What each gateway said to a key. */
  readonly verdicts?: ReadonlyMap<Fingerprint, readonly ProbeVerdict[]>;
  readonly isVaultWritable?: boolean;
};

/** All gateways accept a key; or the first reason why not. */
export function judge(verdicts: readonly ProbeVerdict[] | undefined): ProbeVerdict {
  if (!verdicts || verdicts.length === 0) return 'unknown';
  return (['forbidden', 'refused', 'unknown'] as const).find((verdict) => verdicts.includes(verdict)) ?? 'accepted';
}
