import { X509Certificate } from 'node:crypto';
import { systemClock } from '../../../shared/clock.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { StandInRequest, StandInResponse } from '../server.ts';
import { momentMs } from '../steering.ts';
import type { Refusal } from '../steering.ts';
import { resolveResource, sameText } from './apps.ts';
import type { App, AppSecret, Federation, ResolvedResource, Resource } from './apps.ts';
import { createEndpoints } from './endpoints.ts';
import { createIssuer } from './issuer.ts';
import type { Issuer, TokenSpec } from './issuer.ts';
import { parseEntraSteering } from './steering.ts';
import type { EntraSteering } from './steering.ts';
import type { Verdict } from './verdict.ts';

export type { App, Resource } from './apps.ts';
export type { TokenSpec } from './issuer.ts';
export type { Verdict } from './verdict.ts';

/** What `createEntra` takes. `baseUrl` is where it is reached, without a slash at its end; it is asked for only once Entra is in use. */
type EntraOptions = {
  baseUrl: () => string;
  apps: readonly App[];
  resources: readonly Resource[];
  clock?: Clock;
};

/** Microsoft Entra ID, as far as apps without people need it: v2 tokens for client credentials, their metadata, and a hand that steers it. */
export type Entra = {
  handle(request: StandInRequest): Promise<StandInResponse>;
  /** Any token. Rejects with a `RangeError` for the key `previous` before the first roll-over. */
  mint(spec: TokenSpec): Promise<string>;
  /** Judges a bearer token as the service of that audience does, or of these audiences. */
  verify(token: string, audience: string | readonly string[]): Promise<Verdict>;
  /** The API that a scope or a managed identity's `resource` names in a tenant. */
  resolve(tenantId: string, name: string): ResolvedResource | undefined;
  /** The body of `POST /entra` of the control address. `undefined` when it was done. */
  steer(body: unknown): Promise<Refusal | undefined>;
};

/** An Entra whose tenants are those of its apps and resources. */
export async function createEntra({ baseUrl, apps, resources, clock = systemClock }: EntraOptions): Promise<Entra> {
  const tenants = [...new Set([...apps, ...resources].map(({ tenantId }) => tenantId))];
  const issuer = await createIssuer({ baseUrl, tenants, clock });
  const replacedSecrets = new Map<App, readonly AppSecret[]>();
  const certificates = new Map<App, readonly X509Certificate[]>();
  const federations = new Map<App, readonly Federation[]>();
  const directory = {
    apps,
    resources,
    secretsOf: (app: App) => replacedSecrets.get(app) ?? app.secrets,
    certificatesOf: (app: App) => certificates.get(app) ?? [],
    federationsOf: (app: App) => federations.get(app) ?? [],
    verify: (token: string, audience: string) => issuer.verify(token, audience),
    baseUrl,
  };

  const findApp = (member: string, client: string): App | Refusal =>
    apps.find(({ name, clientId }) => name === client || sameText(clientId, client)) ?? {
      reason: `${member}.client: there is no such app; there are ${apps.map(({ name }) => name).join(', ')}`,
    };

  const steerSecret = ({ client, value, expires }: NonNullable<EntraSteering['secret']>): Refusal | undefined => {
    const app = findApp('secret', client);
    if ('reason' in app) return app;
    replacedSecrets.set(app, [{ value, ...(expires && { expires: momentMs(expires, clock.wall()) }) }]);
    return undefined;
  };

  const steerCertificate = ({ client, pem }: NonNullable<EntraSteering['certificate']>): Refusal | undefined => {
    const app = findApp('certificate', client);
    if ('reason' in app) return app;
    try {
      certificates.set(app, [new X509Certificate(pem)]);
      return undefined;
    } catch {
      return { reason: 'certificate.pem: is no certificate' };
    }
  };

  const steerFederated = ({ client, ...federation }: NonNullable<EntraSteering['federated']>): Refusal | undefined => {
    const app = findApp('federated', client);
    if ('reason' in app) return app;
    federations.set(app, [federation]);
    return undefined;
  };

  return {
    handle: createEndpoints({ baseUrl, tenants, clock, issuer, directory }),
    mint: (spec) => issuer.mint(spec),
    verify: async (token, audience) => issuer.verify(token, audience),
    resolve: (tenantId, name) => resolveResource(resources, tenantId, name),
    steer: async (body) => {
      const steering = parseEntraSteering(body);
      if ('reason' in steering) return steering;
      const { secret, certificate, federated } = steering;
      return (
        (secret && steerSecret(secret)) ??
        (certificate && steerCertificate(certificate)) ??
        (federated && steerFederated(federated)) ??
        steerIssuer(issuer, steering)
      );
    },
  };
}

async function steerIssuer(issuer: Issuer, steering: EntraSteering): Promise<undefined> {
  const { tokenLifetime, rollKeys, dropKeys, revokeTokens } = steering;
  if (tokenLifetime !== undefined) issuer.setLifetime(tokenLifetime);
  if (rollKeys) await issuer.keys.roll();
  if (dropKeys) issuer.keys.drop();
  if (revokeTokens) issuer.revoke();
}
