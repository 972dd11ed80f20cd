import { createAuthority } from '../../../../local/stand-ins/certificates.ts';
import { createCounts } from '../../../../local/stand-ins/counts.ts';
import type { Counts } from '../../../../local/stand-ins/counts.ts';
import type { App, Entra } from '../../../../local/stand-ins/entra/entra.ts';
import { createFaults } from '../../../../local/stand-ins/faults.ts';
import type { Faults } from '../../../../local/stand-ins/faults.ts';
import { serveStandIn } from '../../../../local/stand-ins/server.ts';
import type { StandIn } from '../../../../local/stand-ins/server.ts';
import { createVault } from '../../../../local/stand-ins/vault/vault.ts';
import type { Vault } from '../../../../local/stand-ins/vault/vault.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import type { ManualClock } from '../../../support/manual-clock.ts';
import { brokerTenant, caller, createTestEntra, identity } from '../directory.ts';
import { trust } from '../trust.ts';

export const authority = 'https://entra.example';

/** A name as a real vault has it, by which the server can be reached with a look-up that leads to it. */
export const vaultHost = 'okq8-broker.vault.azure.net';

/** A vault over TLS in which the broker's identity may do everything and `caller` may read. */
export type ServedVault = {
  vault: Vault;
  entra: Entra;
  server: StandIn;
  faults: Faults;
  counts: Counts;
  clock: ManualClock;
  /** Asks with a token of that app. */
  ask(
    method: string,
    path: string,
    options?: { body?: unknown; app?: App; token?: string },
  ): Promise<{ status: number; headers: Headers; body: unknown }>;
  close(): Promise<void>;
};

export async function serveVault(): Promise<ServedVault> {
  const clock = createManualClock({ wall: Date.now() });
  const entra = await createTestEntra({ clock, baseUrl: authority });
  const vault = createVault({
    clock,
    verify: (token, audience) => entra.verify(token, audience),
    authority: () => authority,
    tenantId: brokerTenant,
    roles: { [identity.objectId]: 'Key Vault Secrets Officer', [caller.objectId]: 'Key Vault Secrets User' },
  });
  const ca = await createAuthority();
  const distrust = trust(ca.caPem);
  const faults = createFaults(clock);
  const counts = createCounts();
  const server = await serveStandIn({
    target: 'vault',
    tls: await ca.issue(['127.0.0.1', vaultHost]),
    faults,
    counts,
    clock,
    handle: (request) => vault.handle(request),
  });

  const ask: ServedVault['ask'] = async (method, path, { body, app = identity, token } = {}) => {
    const bearer = token ?? (await entra.mint({ subject: app, audience: 'https://vault.azure.net', version: 1 }));
    const url = path.includes('api-version') ? path : `${path}${path.includes('?') ? '&' : '?'}api-version=7.6`;
    const answer = await fetch(url.startsWith('https:') ? url : server.url + url, {
      method,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) };
  };

  const close = async (): Promise<void> => {
    distrust();
    await server.close();
  };
  return { vault, entra, server, faults, counts, clock, ask, close };
}
