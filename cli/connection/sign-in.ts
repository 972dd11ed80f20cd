import { AzureCliCredential, ManagedIdentityCredential, type AccessToken, type TokenCredential } from '@azure/identity';
import type { Clock } from '../../shared/clock.ts';
import { Secret } from '../../shared/secret.ts';
import { Failure } from '../failure.ts';

/** What `createSignIn` takes. */
export type SignInOptions = {
  readonly how: 'cli' | 'managed-identity';
  /** The broker’s client id or application ID URI. */
  readonly audience: string;
  readonly tenant: string | undefined;
  /** Of a user-assigned managed identity. */
  readonly identityClientId: string | undefined;
};

/** Gives a token for the broker. */
export type SignIn = (signal: AbortSignal) => Promise<Secret>;

/** How long a token must still be good to be used again: `az` takes a second or two to give the same one. */
const leastLeftMs = 120_000;
const azTimeoutMs = 30_000;

/** Signs in to Entra as whoever is signed in to the Azure CLI, or as the machine's managed identity. */
export function createSignIn(clock: Clock, options: SignInOptions): SignIn {
  const credential = createCredential(options);
  const scope = `${options.audience}/.default`;
  let last: AccessToken | undefined;
  return async (abortSignal) => {
    if (!last || last.expiresOnTimestamp - clock.wall() < leastLeftMs) {
      last =
        (await credential.getToken(scope, { abortSignal }).catch((error: unknown) => fail(error, options))) ??
        undefined;
    }
    if (!last) throw new Failure(3, 'Signing in gave no token.');
    return new Secret(last.token);
  };
}

/** Whoever is signed in to the Azure CLI. @param tenant the one that `az` is signed in to, unless it is named. */
export function createAzureCli(tenant: string | undefined): TokenCredential {
  return new AzureCliCredential({
    processTimeoutInMs: azTimeoutMs,
    ...(tenant === undefined ? {} : { tenantId: tenant }),
  });
}

function createCredential({ how, tenant, identityClientId }: SignInOptions): TokenCredential {
  if (how === 'cli') return createAzureCli(tenant);
  return identityClientId === undefined
    ? new ManagedIdentityCredential()
    : new ManagedIdentityCredential({ clientId: identityClientId });
}

/** What Entra's number of an error asks for. Microsoft Entra authentication and authorization error codes. */
const adviceByNumber: Readonly<Record<string, (options: SignInOptions) => string>> = {
  '65001': () =>
    'The Azure CLI may not ask for this broker: on the broker’s registration, under "Expose an API", authorise the client 04b07795-8ddb-461a-bbee-02f9e1bf7b46.',
  '500011': ({ audience }) =>
    `No registration in that tenant is called ${audience}: correct --audience, or name the tenant with --tenant.`,
  '50105': () =>
    'You are not assigned to the broker’s application: ask for the app role Operations.Read or Operations.Write.',
  '700082': ({ audience }) => `Sign in again: ${loginLine(audience)}`,
  '50076': ({ audience }) => `Entra wants to see you again: ${loginLine(audience)}`,
  '50173': ({ audience }) => `Sign in again: ${loginLine(audience)}`,
};

const loginLine = (audience: string) => `az login --scope ${audience}/.default`;

/** The SDK's own text is not passed on: it may quote what `az` printed, which may be a token. */
function fail(error: unknown, options: SignInOptions): never {
  const text = error instanceof Error ? error.message : '';
  const number = /AADSTS(\d{4,7})/.exec(text)?.[1];
  const known = number === undefined ? undefined : adviceByNumber[number]?.(options);
  const [what, ...advice] = options.how === 'cli' ? describeCli(text, options) : describeIdentity();
  throw new Failure(3, number === undefined ? what : `Entra gave no token (AADSTS${number}).`, [
    ...(known === undefined ? advice : [known]),
  ]);
}

function describeCli(text: string, { audience }: SignInOptions): [string, ...string[]] {
  if (/could not be found|not found|not recognized/i.test(text)) {
    return [
      'The Azure CLI is not installed, or not on the PATH.',
      'Install it (https://aka.ms/azure-cli), or sign in another way with --auth.',
    ];
  }
  if (/az login/i.test(text)) return ['The Azure CLI is not signed in.', loginLine(audience)];
  return ['The Azure CLI gave no token.', `Try: az account get-access-token --resource ${audience} --query expiresOn`];
}

function describeIdentity(): [string, ...string[]] {
  return [
    'The managed identity gave no token.',
    'See that this machine has an identity, that AZURE_CLIENT_ID names it where it is user-assigned, and that --audience names the broker’s registration.',
  ];
}
