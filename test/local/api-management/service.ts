import type { Clock } from '../../../shared/clock.ts';
import { createApiManagement } from '../../../local/stand-ins/api-management/api-management.ts';
import type { ApiManagement, Handler } from '../../../local/stand-ins/api-management/api-management.ts';
import type { StandInRequest, StandInResponse } from '../../../local/stand-ins/server.ts';
import { createManualClock } from '../../support/manual-clock.ts';

export const payments = '11111111-1111-1111-1111-111111111111';
export const goodToken = 'good.api.token';
export const managementToken = 'good.management.token';
export const reporterToken = 'good.reporter.token';
const tokens: Readonly<Record<string, { audience: string; objectId: string }>> = {
  [goodToken]: { audience: 'api://payments', objectId: 'the-broker' },
  [managementToken]: { audience: 'https://management.azure.com', objectId: 'the-broker' },
  [reporterToken]: { audience: 'https://management.azure.com', objectId: 'the-reporter' },
};
export const user = { id: 'broker', email: 'broker@example.com', password: 'CANARYpassword' };
export const serviceId = `/subscriptions/${payments}/resourceGroups/rg/providers/Microsoft.ApiManagement/service/apim`;

/** A service with two products, a key-only API in one, and one that wants a token for `api://payments` in the other. */
export function createService(clock: Clock = createManualClock()): ApiManagement {
  return createApiManagement({
    clock,
    service: { azureSubscription: payments, resourceGroup: 'rg', name: 'apim' },
    subscriptions: [
      { sid: 's-core', product: 'core' },
      { sid: 's-payments', product: 'payments' },
      { sid: 's-team', product: 'team', workspace: 'team' },
    ],
    apis: [
      { name: 'core', path: 'core', product: 'core' },
      { name: 'payments', path: 'payments', product: 'payments', audience: 'api://payments' },
    ],
    gateways: 2,
    portalUsers: [user],
    verify: async (token, audience) => {
      const known = tokens[token];
      if (!known) return { ok: false, reason: 'signature' };
      return [audience].flat().includes(known.audience)
        ? { ok: true, claims: { oid: known.objectId } }
        : { ok: false, reason: 'audience' };
    },
    contributors: ['the-broker'],
  });
}

/** Asks a handler as an HTTP client would: header names in any case. */
export async function ask(
  handler: Handler,
  target: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<StandInResponse & { body: Record<string, unknown> }> {
  const lowerCase = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const request: StandInRequest = {
    method,
    url: new URL(target, 'https://127.0.0.1:1234'),
    headers: lowerCase,
    rawHeaders: Object.entries(headers).flat(),
    body: Buffer.alloc(0),
    instance: 0,
  };
  const response = await handler.handle(request);
  const body: Record<string, unknown> = Object.fromEntries(Object.entries(response.body ?? {}));
  return { ...response, body };
}

/** The keys that a subscription of the service has now. */
export function keysOf(service: ApiManagement, sid: string): { primary: string; secondary: string } {
  const keys = service.keys(sid);
  if (!keys) throw new Error(`no subscription ${sid}`);
  return keys;
}
