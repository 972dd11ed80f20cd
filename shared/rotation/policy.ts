import type { Terms } from './terms.ts';

/** What the configuration says of one subscription's rotation. Durations are milliseconds. */
export type RotationPolicy = {
  readonly terms: Terms;
  /** How often a cycle starts. */
  readonly everyMs: number;
  /** How long an intent's owner may take to send its request and get the answer. */
  readonly requestTimeoutMs: number;
  /** How far apart two looks at an ambiguous regenerate must be, and how long one is waited for. Longer than a request can be late. */
  readonly quarantineMs: number;
  /** How often in a row every gateway must accept a new key. */
  readonly acceptsNeeded: number;
  /** A person regenerates: no request is sent, and the new key is waited for. */
  readonly isManual: boolean;
  /** Whether a cycle may start now. */
  readonly mayStart: (wallMs: number) => boolean;
};
