import type * as z from 'zod/mini';
import type { Values, globalOptions } from '../command.ts';
import type { Outside } from '../outside.ts';
import { readAnswer } from './answer.ts';
import { request, type Ask, type Received } from './request.ts';
import type { SignIn } from './sign-in.ts';
import { chooseTarget, type Target } from './target.ts';
import { pause } from './within.ts';

/** The broker that is asked. */
export type Broker = {
  readonly url: string;
  /** @throws {Failure} for whatever is not an answer that `schema` describes. */
  ask<T extends z.ZodMiniType>(ask: Ask, schema: T): Promise<z.output<T>>;
};

/** Finds the broker. Signs in when it is asked something. */
export async function connect(values: Values<typeof globalOptions>, outside: Outside): Promise<Broker> {
  const target = await chooseTarget(values, outside);
  const signIn = await signInTo(target, values, outside);
  return {
    url: target.url,
    ask: async (ask, schema) => {
      const token = await signIn(outside.interrupted);
      const response = await askTwice(outside, () => request(outside, target.url, { ...ask, token }));
      return readAnswer(response, schema, { url: target.url, auth: target.auth, ask });
    },
  };
}

/** The longest `Retry-After` that is waited for here and not by whoever typed the command, in seconds. */
const longestWait = 5;

/** A broker that asks for a moment gets it, once. A command is sent again under the same key. */
async function askTwice({ clock, interrupted }: Outside, send: () => Promise<Received>): Promise<Received> {
  const first = await send();
  const seconds = Number(first.headers.get('Retry-After') ?? Infinity);
  if (first.status !== 503 || !(seconds <= longestWait)) return first;
  await pause(clock, seconds * 1_000, interrupted);
  return send();
}

async function signInTo(target: Target, { tenant }: Values<typeof globalOptions>, outside: Outside): Promise<SignIn> {
  if (target.auth === 'local') return () => target.stack.token(target.as);
  // Loading Azure's library takes longer than the local stack takes to answer.
  const { createSignIn } = await import('./sign-in.ts');
  const identityClientId = outside.environment['AZURE_CLIENT_ID'] || undefined;
  return createSignIn(outside.clock, { how: target.auth, audience: target.audience, tenant, identityClientId });
}
