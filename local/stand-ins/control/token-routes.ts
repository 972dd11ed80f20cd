import * as z from 'zod/mini';
import type { App, Entra, TokenSpec } from '../entra/entra.ts';
import { keyNames } from '../entra/keys.ts';
import type { StandInResponse } from '../http.ts';
import { parseBody } from '../steering.ts';
import { refuse } from './route.ts';
import type { Routes } from './route.ts';

/** What `tokenRoutes` takes: the apps whose tokens can be had by their names, and the API that the tokens are for. */
export type TokenRoutesOptions = {
  entra: Pick<Entra, 'mint'>;
  callers: readonly App[];
  broker: { tenantId: string; audience: string };
};

const members = z.optional(z.record(z.string(), z.unknown()));
const schema = z.strictObject({
  caller: z.optional(z.string()),
  claims: members,
  header: members,
  key: z.optional(z.enum(keyNames)),
});

/** `POST /token`. Without a caller the token names no app. */
export function tokenRoutes({ entra, callers, broker }: TokenRoutesOptions): Routes {
  const subjectOf = (caller: string | undefined): TokenSpec['subject'] | undefined =>
    caller === undefined ? { tenantId: broker.tenantId } : callers.find(({ name }) => name === caller);

  return {
    '/token': {
      POST: async ({ body }) => {
        const request = parseBody(schema, body);
        if ('reason' in request) return refuse(request.reason);
        const { caller, claims = {}, header = {}, key = 'current' } = request;
        const subject = subjectOf(caller);
        if (!subject)
          return refuse(`caller: there is none of that name; there are ${callers.map(({ name }) => name).join(', ')}`);
        return mint(entra, { subject, audience: broker.audience, claims, header, key });
      },
    },
  };
}

async function mint(entra: Pick<Entra, 'mint'>, spec: TokenSpec): Promise<StandInResponse> {
  try {
    return { status: 200, body: { token: await entra.mint(spec) } };
  } catch (error) {
    if (error instanceof RangeError) return refuse(`key: ${error.message}`);
    throw error;
  }
}
