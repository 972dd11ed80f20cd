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

/** One step of a rotation. */
export type RotationStep = {
  readonly subscription: SubscriptionName;
  readonly step: string;
  readonly to: string;
  readonly generation: number;
  /** A step that could not be taken, or one that somebody should know of. */
  readonly failure: string | undefined;
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
  /** An audit record could not be written. */
  auditFailed(): void;
};
