import { AsyncLocalStorage } from 'node:async_hooks';
import { ConfidentialClientApplication } from '@azure/msal-node';
import type { Clock } from '../clock.ts';
import type { ClientRegistration, StoredSecret, TokenIssuer } from '../credentials/ports.ts';
import { BrokerError, type Reason } from '../errors.ts';
import { Secret } from '../secret.ts';
import { createTokenEndpointClient, type TokenExchange } from './token-endpoint.ts';

type Options = { authorityHost: string };
type Application = { readonly version: string; readonly msal: ConfidentialClientApplication };

/**
 * Client-credentials tokens from Microsoft Entra ID, through MSAL.
 *
 * MSAL is given one application object per secret version, because a secret is fixed in it; never its cache, which has no single-flight; and
 * a network client of ours, because its own has no deadline and loses the status. After a failure the object is thrown away: MSAL would
 * refuse the scope locally for a minute or more.
 */
export function createTokenIssuer(clock: Clock, { authorityHost }: Options): TokenIssuer {
  const exchanges = new AsyncLocalStorage<TokenExchange>();
  const networkClient = createTokenEndpointClient(clock, () => exchanges.getStore());
  const applications = new WeakMap<ClientRegistration, Application>();

  const applicationOf = (client: ClientRegistration, { secret, version }: StoredSecret) => {
    const known = applications.get(client);
    if (known?.version === version) return known.msal;
    const msal = new ConfidentialClientApplication({
      auth: {
        clientId: client.clientId,
        clientSecret: secret.open(),
        ...describeAuthority(authorityHost, client.tenantId),
      },
      system: { networkClient },
    });
    applications.set(client, { version, msal });
    return msal;
  };

  return {
    acquire: async (client, secret, scope, signal) => {
      const exchange: TokenExchange = { signal, startedAt: clock.monotonic(), answer: undefined };
      const msal = applicationOf(client, secret);
      try {
        const result = await exchanges.run(exchange, () =>
          msal.acquireTokenByClientCredential({ scopes: [scope], skipCache: true }),
        );
        return toAcquired(result?.accessToken, exchange);
      } catch {
        applications.delete(client);
        throw toBrokerError(exchange);
      }
    },
  };
}

/** Entra's documented addresses, so that MSAL asks the token endpoint alone and discovers nothing. */
function describeAuthority(authorityHost: string, tenantId: string) {
  const authority = `${authorityHost}/${tenantId}`;
  return {
    authority,
    knownAuthorities: [new URL(authority).host],
    authorityMetadata: JSON.stringify({
      issuer: `${authority}/v2.0`,
      authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
      token_endpoint: `${authority}/oauth2/v2.0/token`,
      jwks_uri: `${authority}/discovery/v2.0/keys`,
    }),
  };
}

/** MSAL takes a 429 without a body for an answer without a token. */
function toAcquired(accessToken: string | undefined, exchange: TokenExchange) {
  const { startedAt, answer } = exchange;
  if (!accessToken || answer?.lifeMs === undefined) throw toBrokerError(exchange);
  return { token: new Secret(accessToken), startedAt, lifeMs: answer.lifeMs };
}

/** AADSTS numbers that say whose mistake it is ("Microsoft Entra authentication and authorization error codes"). */
const reasonByNumber = new Map<number, Reason>([
  [7000215, 'entra-secret-wrong'],
  [7000222, 'entra-secret-expired'],
  [700016, 'entra-client-unknown'],
  [90002, 'entra-tenant-unknown'],
  [900023, 'entra-tenant-unknown'],
  [1002012, 'entra-scope-refused'],
  [70011, 'entra-scope-refused'],
  [500011, 'entra-scope-refused'],
]);

/** What MSAL throws is not looked at: it has no status, and repeats the answer's text. */
function toBrokerError({ answer, networkError }: TokenExchange): BrokerError {
  if (!answer) return new BrokerError('entra-unavailable', { upstream: networkError });
  const { status, retryAfterMs, errorNumbers } = answer;
  if (status === 429 || status >= 500) return new BrokerError('entra-unavailable', { retryAfterMs, upstream: status });
  if (status < 300) return new BrokerError('entra-answer-malformed');
  const known = errorNumbers.map((number) => reasonByNumber.get(number)).find((reason) => reason !== undefined);
  return new BrokerError(known ?? 'entra-refused', { upstream: errorNumbers[0] ?? status });
}
