import { ClientSecretCredential } from '@azure/identity';
import { ConfidentialClientApplication, type INetworkModule } from '@azure/msal-node';

const tenantId = '7d0a1d53-6a4c-4c60-9d0f-3a1f2a5b6c7d';
const clientId = '0b9c7a54-2f1d-4e3b-8c6a-5d4e3f2a1b0c';
const authority = `https://login.microsoftonline.com/${tenantId}`;
const metadata = {
  issuer: `${authority}/v2.0`,
  authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
  token_endpoint: `${authority}/oauth2/v2.0/token`,
  jwks_uri: `${authority}/discovery/v2.0/keys`,
};
/** Of a token as Entra issues them. */
const accessToken = 't'.repeat(1_200);
const answer = { token_type: 'Bearer', expires_in: 86_399, ext_expires_in: 86_399, access_token: accessToken };

/** Entra without a network: what was asked of it, and how long it takes to answer. */
export type MemoryEntra = { tokenRequests: number; readonly latencyMs: number };

export function createMemoryEntra(latencyMs = 0): MemoryEntra {
  return { tokenRequests: 0, latencyMs };
}

async function answerAfter<T>({ latencyMs }: MemoryEntra, body: T): Promise<T> {
  if (latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, latencyMs));
  return body;
}

/** MSAL, told where everything is, so that it asks for tokens alone. */
export function createMsal(entra: MemoryEntra): ConfidentialClientApplication {
  const networkClient: INetworkModule = {
    sendGetRequestAsync: () => Promise.reject(new Error('MSAL is told where everything is')),
    // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- MSAL's own signature
    sendPostRequestAsync: async <T>() => {
      entra.tokenRequests += 1;
      return { headers: {}, body: await answerAfter(entra, answer as T), status: 200 };
    },
  };
  return new ConfidentialClientApplication({
    auth: {
      clientId,
      authority,
      clientSecret: 'secret',
      knownAuthorities: [new URL(authority).host],
      authorityMetadata: JSON.stringify(metadata),
    },
    system: { networkClient },
  });
}

/** @azure/identity, spared the discovery of the instance. */
export function createIdentity(entra: MemoryEntra): ClientSecretCredential {
  return new ClientSecretCredential(tenantId, clientId, 'secret', {
    disableInstanceDiscovery: true,
    httpClient: {
      sendRequest: async (request) => {
        const isDiscovery = request.url.includes('openid-configuration');
        if (!isDiscovery) entra.tokenRequests += 1;
        const body = await answerAfter(entra, isDiscovery ? metadata : answer);
        return { request, status: 200, headers: request.headers, bodyAsText: JSON.stringify(body) };
      },
    },
  });
}
