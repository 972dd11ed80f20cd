import type { Window } from './windows.ts';
import type { AccessLevel, ApiName, CallerName, ClientName, Guid, SecretName, SubscriptionName } from '../names.ts';

/** The validated configuration, frozen to its depths. Durations are milliseconds; every name that it refers to exists. */
export type Config = {
  readonly broker: BrokerConfig;
  readonly apis: readonly ApiConfig[];
  readonly subscriptions: readonly SubscriptionConfig[];
  readonly clients: readonly ClientConfig[];
  readonly callers: readonly CallerConfig[];
};

export type BrokerConfig = {
  readonly tenantId: Guid;
  readonly audience: string;
  readonly headerLifetimeMs: number;
  readonly requestTimeoutMs: number;
  readonly upstreamTimeoutMs: number;
  readonly fingerprintKey: SecretName;
  readonly maximumInstances: number;
  readonly rotationTerms: RotationTermsConfig;
  readonly audit: AuditConfig;
};

type AuditConfig = {
  readonly sink: 'log' | 'table';
  /** What becomes of a request whose record the table does not take. */
  readonly onFailure: 'deny' | 'log';
};

/** V, C, ε and F of `docs/rotation.md`. */
type RotationTermsConfig = {
  readonly visibilityMs: number;
  readonly readAgeMs: number;
  readonly skewMs: number;
  readonly flightMs: number;
};

export type ApiConfig = {
  readonly name: ApiName;
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly subscription: SubscriptionName;
  readonly oauth: OAuthConfig | undefined;
  /** The broker may call it for callers that may have that. */
  readonly call: boolean;
};

export type OAuthConfig = {
  readonly client: ClientName;
  /** The Application ID URI, to which an access level is added. */
  readonly scope: string;
  /** At least one; the first is the default. */
  readonly accessLevels: readonly AccessLevel[];
};

export type SubscriptionConfig = {
  readonly name: SubscriptionName;
  readonly secret: SecretName;
  readonly authority: AuthorityConfig | undefined;
  readonly probe: { readonly url: string; readonly gateways: readonly string[] } | undefined;
  readonly rotation: RotationConfig | undefined;
};

export type RotationConfig = {
  readonly everyMs: number;
  readonly settleMs: number;
  readonly promiseMs: number;
  /** At least the shortest that is safe. */
  readonly drainMs: number;
  readonly windows: readonly Window[];
  readonly paused: boolean;
};

export type AuthorityConfig =
  | { readonly kind: 'arm'; readonly resourceId: string }
  | {
      readonly kind: 'developer-portal';
      readonly url: string;
      readonly email: string;
      readonly password: SecretName;
      readonly subscription: string;
    }
  | { readonly kind: 'manual' };

export type ClientConfig = {
  readonly name: ClientName;
  readonly tenantId: Guid;
  readonly clientId: Guid;
  readonly credential: CredentialConfig;
};

/** How a client proves itself; `secret` names what Key Vault holds for it. */
export type CredentialConfig =
  { readonly kind: 'secret' | 'certificate'; readonly secret: SecretName } | { readonly kind: 'federated' };

export type CallerConfig = {
  readonly name: CallerName;
  readonly clientId: Guid;
  readonly objectId: Guid;
  readonly apis: readonly ApiName[];
  /** It may hold header sets for them. */
  readonly headers: boolean;
  /** It may have the broker call those of its APIs that take that. */
  readonly call: boolean;
  /** A token bucket for each instance. */
  readonly rateLimit: { readonly perSecond: number; readonly burst: number };
};
