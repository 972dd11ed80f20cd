import type { Code, Reason } from '../errors.ts';
import type { ApiName, CallerName, ClientName, ScopeName, SubscriptionName } from '../names.ts';
import type { CredentialKind } from './log.ts';

/** What was loaded from an upstream: a token, a key, a secret, the signing keys. All of its names stand in the configuration. */
export type Load = {
  readonly kind: CredentialKind;
  readonly of?: ClientName | SubscriptionName | undefined;
  readonly scope?: ScopeName | undefined;
};

/** One decision on a request, as its audit record has it. */
export type Decision = {
  readonly action: string;
  readonly outcome: 'allowed' | 'refused' | 'failed';
  readonly code: Code | null;
  /** Absent where the caller is not one of the configuration's. */
  readonly caller?: CallerName | undefined;
  readonly api?: ApiName | undefined;
  readonly durationMs: number;
};

/** What one tick came to for one subscription. */
export type RotationStep = {
  readonly subscription: SubscriptionName;
  /** `failed` for one that threw: then nothing but the failure is known. */
  readonly step: string;
  readonly failure: string | undefined;
  readonly record: RecordFacts | undefined;
};

/** What a rotation's record says after a step. Wall clock, milliseconds. */
export type RecordFacts = {
  readonly state: string;
  readonly generation: number;
  /** When the active key was published. */
  readonly switchedOn: number;
  /** When the next cycle is to start; absent unless nothing but the time keeps it from it. */
  readonly dueAt: number | undefined;
};

/**
 * Whoever counts what happens: the figures of `/v1/status`, and OpenTelemetry. Takes names of the configuration and fixed words alone, so that
 * what is counted is bounded by configuration and never by input. Throws nothing.
 */
export type Meter = {
  decided(decision: Decision): void;
  /** A key or a token was asked for: it was there, or had to be waited for. */
  asked(kind: 'key' | 'token', isCached: boolean): void;
  /** An upstream has answered, or has not. @param reason why not; absent for success. */
  loaded(load: Load, durationMs: number, reason?: Reason): void;
  stepped(step: RotationStep): void;
  /** A gateway was found to refuse a published key. */
  keyRefused(subscription: SubscriptionName): void;
  /** An audit record could not be written. */
  auditFailed(): void;
};

/** Tells each of several. */
export function combineMeters(...meters: readonly Meter[]): Meter {
  const tell = (to: (meter: Meter) => void) => {
    for (const meter of meters) to(meter);
  };
  return {
    decided: (decision) => tell((meter) => meter.decided(decision)),
    asked: (kind, isCached) => tell((meter) => meter.asked(kind, isCached)),
    loaded: (load, durationMs, reason) => tell((meter) => meter.loaded(load, durationMs, reason)),
    stepped: (step) => tell((meter) => meter.stepped(step)),
    keyRefused: (subscription) => tell((meter) => meter.keyRefused(subscription)),
    auditFailed: () => tell((meter) => meter.auditFailed()),
  };
}
