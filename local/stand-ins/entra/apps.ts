/** A client secret of an app registration. `expires` in milliseconds since the Unix epoch; without it, never. */
export type AppSecret = { value: string; expires?: number };

/** A federated credential of an app registration: whose tokens prove it. */
export type Federation = { issuer: string; subject: string };

/** An app registration and its service principal (`objectId`), in one tenant. A managed identity is one without secrets. */
export type App = {
  tenantId: string;
  clientId: string;
  objectId: string;
  /** How the control address and people name it. */
  name: string;
  secrets: readonly AppSecret[];
  /** The app roles it was granted, by the audience of the API that defines them. */
  roles: Readonly<Record<string, readonly string[]>>;
};

/**
 * An API that tokens can be asked for. Its tokens are v2 access tokens with `aud` = `audience`; a scope may name it by its audience or by one
 * of its aliases. Real v2 tokens carry the API's client id; OKQ8 documents the application ID URI as audience, so both can be had.
 */
export type Resource = { tenantId: string; audience: string; aliases?: readonly string[] };

/** What a token request resolves to. Microsoft's own APIs still take v1 tokens, with the audience that was asked for. */
export type ResolvedResource = { audience: string; version: 1 | 2 };

const microsoftResources = [
  'https://vault.azure.net',
  'https://management.azure.com',
  'https://management.core.windows.net',
  'https://storage.azure.com',
  'https://graph.microsoft.com',
];

/** Entra's own, whose tokens are v2 everywhere: they prove apps that trust their issuer. */
export const tokenExchange = 'api://AzureADTokenExchange';

/** Finds the API that a scope or a managed identity's `resource` names; Microsoft's own exist in every tenant, with and without a slash at their end. */
export function resolveResource(
  resources: readonly Resource[],
  tenantId: string,
  name: string,
): ResolvedResource | undefined {
  const own = resources.find(
    (each) =>
      sameText(each.tenantId, tenantId) &&
      [each.audience, ...(each.aliases ?? [])].some((text) => sameText(text, name)),
  );
  if (own) return { audience: own.audience, version: 2 };
  if (sameText(name, tokenExchange)) return { audience: tokenExchange, version: 2 };
  const isMicrosofts = microsoftResources.some((each) => sameText(each, name.replace(/\/$/, '')));
  return isMicrosofts ? { audience: name, version: 1 } : undefined;
}

/** GUIDs and application ID URIs are compared without regard to case. */
export function sameText(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
