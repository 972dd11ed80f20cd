import type { App } from './apps.ts';
import type { Members } from './jwt.ts';

/**
 * `azpacr`, as Microsoft's access token claims reference has it. "1": proved by a client secret; "2": by an assertion, as a managed identity
 * does behind the scenes.
 */
export type Proof = '1' | '2';

/** What a token says. Moments in milliseconds since the Unix epoch. */
type Statement = {
  version: 1 | 2;
  /** Where Entra is reached, without a slash at its end. */
  baseUrl: string;
  tenantId: string;
  app: App | undefined;
  /** What the app proved itself with. Default: a secret, if it has one. */
  proof: Proof | undefined;
  audience: string;
  nowMs: number;
  lifetimeMs: number;
  uti: string;
};

/** Entra dates its tokens five minutes back, for clocks that are behind. */
const backdatedMs = 300_000;

/**
 * The claims of an app-only access token, as Microsoft's access token claims reference has them. v2 tokens have `azp` and `azpacr`, v1 tokens
 * `appid` and `appidacr`, and each version its own issuer; `idtyp` is an optional claim that the broker's registration is configured to ask for.
 */
export function claimsOf(statement: Statement): Members {
  const { version, app, proof, tenantId, audience, nowMs, lifetimeMs, uti } = statement;
  const start = toSeconds(nowMs - backdatedMs);
  return {
    aud: audience,
    iss: issuerOf(version, statement.baseUrl, tenantId),
    iat: start,
    nbf: start,
    exp: toSeconds(nowMs + lifetimeMs),
    ...(app && claimsOfApp(app, proof ?? (app.secrets.length > 0 ? '1' : '2'), version, audience)),
    idtyp: 'app',
    tid: tenantId,
    uti,
    ver: version === 2 ? '2.0' : '1.0',
  };
}

/** The issuer of a tenant's v1 or v2 tokens. Microsoft's v1 issuer is another host, which nobody asks anything. */
export function issuerOf(version: 1 | 2, baseUrl: string, tenantId: string): string {
  return version === 2 ? `${baseUrl}/${tenantId}/v2.0` : `https://sts.windows.net/${tenantId}/`;
}

function claimsOfApp(app: App, proof: Proof, version: 1 | 2, audience: string): Members {
  const roles = app.roles[audience] ?? [];
  return {
    ...(version === 2 ? { azp: app.clientId, azpacr: proof } : { appid: app.clientId, appidacr: proof }),
    oid: app.objectId,
    sub: app.objectId,
    ...(roles.length > 0 && { roles }),
  };
}

function toSeconds(ms: number): number {
  return Math.floor(ms / 1000);
}
