import { AsyncLocalStorage } from 'node:async_hooks';
import type { TokenCredential } from '@azure/identity';
import { ConfidentialClientApplication, type NodeAuthOptions } from '@azure/msal-node';
import { readCertificate } from '../certificate.ts';
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
 * MSAL is given one application object per version of a secret or certificate, because it is fixed in it; never its cache, which has no single-flight; and
 * a network client of ours, because its own has no deadline and loses the status. After a failure the object is thrown away: MSAL would
 * refuse the scope locally for a minute or more.
 */
export function createTokenIssuer(clock: Clock, identity: TokenCredential, { authorityHost }: Options): TokenIssuer {
  const exchanges = new AsyncLocalStorage<TokenExchange>();
  const networkClient = createTokenEndpointClient(clock, () => exchanges.getStore());
  const applications = new WeakMap<ClientRegistration, Application>();

  const applicationOf = (client: ClientRegistration, stored: StoredSecret | undefined) => {
    const { version } = stored ?? federated;
    const known = applications.get(client);
    if (known?.version === version) return known.msal;
    const msal = new ConfidentialClientApplication({
      auth: {
        clientId: client.clientId,
        ...describeProof(stored, () => acquireAssertion(identity)),
        ...describeAuthority(authorityHost, client.tenantId),
      },
      system: { networkClient },
    });
    applications.set(client, { version, msal });
    return msal;
  };

  return {
    acquire: async (client, secret, scope, signal) => {
      // MSAL would lose why there is none; it asks again, and has it from the identity's cache.
      if (!secret) await acquireAssertion(identity);
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

/** Stands in for the version of a secret: an assertion is asked for with each token. */
const federated = { version: 'federated' };

/** What the managed identity's token is for ("Configure an application to trust a managed identity"). */
const exchangeScope = 'api://AzureADTokenExchange/.default';

async function acquireAssertion(identity: TokenCredential): Promise<string> {
  const assertion = await identity.getToken(exchangeScope);
  if (!assertion) throw new BrokerError('identity-refused');
  return assertion.token;
}

function describeProof(
  stored: StoredSecret | undefined,
  clientAssertion: () => Promise<string>,
): Pick<NodeAuthOptions, 'clientSecret' | 'clientCertificate' | 'clientAssertion'> {
  if (!stored) return { clientAssertion };
  if (!stored.isCertificate) return { clientSecret: stored.secret.open() };
  const { thumbprint, privateKey, chain } = readCertificate(stored.secret);
  return { clientCertificate: { thumbprintSha256: thumbprint, privateKey: privateKey.open(), x5c: chain } };
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
  [700027, 'entra-certificate-refused'],
  [70025, 'entra-federation-missing'],
  [70021, 'entra-federation-missing'],
  [700211, 'entra-federation-missing'],
  [700212, 'entra-federation-missing'],
  [700213, 'entra-federation-missing'],
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
