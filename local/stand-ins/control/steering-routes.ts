import type { Entra } from '../entra/entra.ts';
import type { Refusal } from '../steering.ts';
import type { Vault } from '../vault/vault.ts';
import { done, refuse } from './route.ts';
import type { Routes } from './route.ts';

/** The stand-ins that can be steered. Each reads its body itself and says why it refuses it; `undefined` when it was done. */
export type Steerable = {
  entra: Pick<Entra, 'steer'>;
  vault: Pick<Vault, 'steer' | 'show'>;
  apiManagement: {
    steerGateway(body: unknown): Refusal | undefined;
    steerManagement(subscription: string, body: unknown): Refusal | undefined;
  };
  clock: { steer(body: unknown): Refusal | undefined };
};

/** `POST /entra`, `GET` and `POST /vault/{secret}`, `POST /gateway`, `POST /management/{subscription}`, `POST /clock`. */
export function steeringRoutes({ entra, vault, apiManagement, clock }: Steerable): Routes {
  return {
    '/entra': { POST: async ({ body }) => done(await entra.steer(body)) },
    '/vault/*': {
      GET: ({ name }) => {
        const secret = vault.show(name);
        return secret ? { status: 200, body: secret } : refuse('there is no such secret', 404);
      },
      POST: ({ name, body }) => done(vault.steer(name, body), vault.show(name)),
    },
    '/gateway': { POST: ({ body }) => done(apiManagement.steerGateway(body)) },
    '/clock': { POST: ({ body }) => done(clock.steer(body)) },
    '/management/*': { POST: ({ name, body }) => done(apiManagement.steerManagement(name, body)) },
  };
}
