import * as z from 'zod/mini';
import type { Clock } from '../../shared/clock.ts';
import { Secret } from '../../shared/secret.ts';
import { Failure } from '../failure.ts';
import { printable } from '../text/printable.ts';
import { within } from './within.ts';

/** Where the local stack is steered unless its port is in use. */
export const customaryControl = 'http://127.0.0.1:7099';

/** The stack of `npm start` or `npm run stack`, known by its control address alone. */
export type LocalStack = {
  readonly control: string;
  /** Its broker's address; absent where the stand-ins run alone. */
  readonly broker: string | undefined;
  /** A token of somebody whom the stack knows. @throws {Failure} for a name that it does not know. */
  token(name: string): Promise<Secret>;
  /** The app settings of a broker on this stack. */
  settings(): Promise<Readonly<Record<string, string>>>;
};

const readyLine = z.looseObject({ ready: z.literal(true), control: z.string(), broker: z.optional(z.url()) });
const tokenAnswer = z.union([z.object({ token: z.string() }), z.object({ error: z.string() })]);
const settingsAnswer = z.record(z.string(), z.string());

/** It is on this machine: longer than this it does not take. */
const limitMs = 3_000;

/** Finds the stack at a control address; `undefined` where none answers. */
export async function findLocalStack(
  clock: Clock,
  control: string,
  signal: AbortSignal,
): Promise<LocalStack | undefined> {
  const ask = (path: string, body?: object): Promise<unknown> =>
    within(clock, limitMs, signal, async (aborted) => {
      const response = await fetch(new URL(path, control), {
        method: body ? 'POST' : 'GET',
        headers: { 'Content-Type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
        redirect: 'error',
        signal: aborted,
      });
      return response.json();
    });

  const ready = readyLine.safeParse(await ask('/').catch(() => undefined));
  if (!ready.success) return undefined;
  return {
    control,
    broker: ready.data.broker,
    token: async (name) => {
      const answer = tokenAnswer.parse(await ask('/token', { caller: name }));
      if ('error' in answer)
        throw new Failure(2, `The local stack gives no token to ${name}: ${printable(answer.error)}.`);
      return new Secret(answer.token);
    },
    settings: async () => settingsAnswer.parse(await ask('/settings')),
  };
}
