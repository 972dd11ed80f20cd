import type { SecretStore, TokenIssuer } from '../credentials/ports.ts';
import type { SecretName, SubscriptionName } from '../names.ts';
import type { KeyAuthority, KeyPublisher, RecordStore } from '../rotation/ports.ts';
import type { Secret } from '../secret.ts';

/** What a token says of itself. Nothing of it was verified: it is for people to read. Moments are wall clock, milliseconds. */
export type TokenFacts = {
  readonly audience: string | undefined;
  readonly roles: readonly string[];
  /** `oid`: the principal that the token is for. */
  readonly objectId: string | undefined;
  readonly issuedAt: number | undefined;
  readonly expiresAt: number | undefined;
};

/** The services that the app's identity needs tokens for. */
export type Service = 'Key Vault' | 'Azure Resource Manager' | 'Table Storage';

/** A service's answer to a question that needs no credentials. */
export type PlainAnswer = {
  readonly status: number;
  /** How far the service's clock, by its `Date` header, is ahead of ours, in milliseconds. */
  readonly aheadMs: number | undefined;
};

/** What a gateway's answer is about, where its words tell. */
export type Matter = 'key-missing' | 'key-invalid' | 'token' | 'quota' | 'suspended' | 'product';
export type GatewayAnswer = { readonly status: number; readonly about: Matter | undefined };
type Credentials = { readonly key?: Secret | undefined; readonly token?: Secret | undefined };

/**
 * Calls an address behind a gateway, with a `GET`.
 *
 * @throws {BrokerError} `deadline` without an answer.
 */
export type GatewayCall = (url: string, credentials: Credentials, signal: AbortSignal) => Promise<GatewayAnswer>;

/** Where a subscription stands, as its authority says. */
export type SubscriptionFacts = { readonly state: string; readonly product: string | undefined };

export type ExaminedAuthority = Pick<KeyAuthority, 'list' | 'isManual'> & {
  readonly name: string;
  /** Absent where the authority says nothing but by listing keys or not. @throws {BrokerError} as `list` */
  readonly describe?: ((signal: AbortSignal) => Promise<SubscriptionFacts>) | undefined;
};

/** Everything that an examination looks through. It only reads. Each throws {BrokerError} as the broker's own parts do. */
export type DoctorPorts = {
  readonly identity: (service: Service, signal: AbortSignal) => Promise<TokenFacts>;
  /** Asks for the signing keys of the broker's tenant. @throws {BrokerError} `entra-unavailable` without an answer. */
  readonly askEntra: (signal: AbortSignal) => Promise<PlainAnswer>;
  /** @throws {BrokerError} `vault-unavailable` without an answer. */
  readonly askVault: (signal: AbortSignal) => Promise<PlainAnswer>;
  readonly secrets: SecretStore;
  readonly publisherOf: (name: SecretName) => Pick<KeyPublisher, 'read'>;
  readonly issuer: TokenIssuer;
  readonly readToken: (token: Secret) => TokenFacts;
  readonly authorities: ReadonlyMap<SubscriptionName, ExaminedAuthority>;
  readonly call: GatewayCall;
  /** Absent where no subscription is rotated. */
  readonly records: Pick<RecordStore, 'read'> | undefined;
};
