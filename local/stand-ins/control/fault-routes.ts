import * as z from 'zod/mini';
import type { Fault, Faults } from '../faults.ts';
import { targets } from '../server.ts';
import { duration, parseBody } from '../steering.ts';
import type { Refusal } from '../steering.ts';
import { refuse } from './route.ts';
import type { Routes } from './route.ts';

const schema = z.strictObject({
  target: z.enum(targets),
  method: z.optional(z.string().check(z.regex(/^[A-Za-z]+$/))),
  path: z.optional(z.string().check(z.minLength(1), z.maxLength(1_000))),
  instance: z.optional(z.int().check(z.nonnegative())),
  status: z.optional(z.int().check(z.minimum(200), z.maximum(599))),
  headers: z.optional(z.record(z.string().check(z.regex(/^[\w-]+$/)), z.string().check(z.regex(/^[\t\x20-\x7e]*$/)))),
  body: z.optional(
    z.union([z.string(), z.record(z.string(), z.unknown()), z.array(z.unknown())], 'must be text or JSON'),
  ),
  delay: z.optional(duration),
  hang: z.optional(z.literal(true)),
  reset: z.optional(z.literal(true)),
  after: z.optional(z.boolean()),
  times: z.optional(z.int().check(z.positive())),
  for: z.optional(duration),
});

/** `POST /faults`, `DELETE /faults` and `DELETE /faults/{id}`. */
export function faultRoutes(faults: Faults): Routes {
  return {
    '/faults': {
      POST: ({ body }) => {
        const fault = parseFault(body);
        return 'reason' in fault ? refuse(fault.reason) : add(faults, fault);
      },
      DELETE: () => {
        faults.lift();
        return { status: 200, body: {} };
      },
    },
    '/faults/*': {
      DELETE: ({ name }) => (faults.lift(name) ? { status: 200, body: {} } : refuse('there is no such fault', 404)),
    },
  };
}

function add(faults: Faults, fault: Fault): ReturnType<typeof refuse> {
  try {
    return { status: 201, body: { id: faults.add(fault) } };
  } catch (error) {
    if (error instanceof RangeError) return refuse(error.message);
    throw error;
  }
}

function parseFault(body: unknown): Fault | Refusal {
  const parsed = parseBody(schema, body);
  if ('reason' in parsed) return parsed;
  const { status, hang, reset, delay: delayMs, for: forMs, headers, body: answer, ...rest } = parsed;
  const ways = [status, hang, reset].filter((way) => way !== undefined).length;
  if (ways === 0 && delayMs === undefined) return { reason: 'name what goes wrong: status, delay, hang or reset' };
  if (ways > 1) return { reason: 'name only one of status, hang and reset' };
  if (status === undefined && (headers ?? answer) !== undefined) return { reason: 'headers and body need a status' };
  return defined({ ...rest, status, hang, reset, delayMs, forMs, headers, body: answer });
}

type Loose<T> = { [K in keyof T]: T[K] | undefined };

/** Without the members that are `undefined`. */
function defined({ target, ...rest }: Loose<Fault> & { target: Fault['target'] }): Fault {
  return Object.assign({ target }, Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)));
}
