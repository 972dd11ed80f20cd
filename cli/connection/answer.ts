import * as z from 'zod/mini';
import { problem } from '../../shared/http/contract/headers.ts';
import { Failure } from '../failure.ts';
import { printable } from '../text/printable.ts';
import { noBroker, refusal, type Asked } from './refusal.ts';
import type { Received } from './request.ts';

/**
 * Reads what the broker answered.
 *
 * @throws {Failure} for a problem, and for whatever `schema` does not describe.
 */
export function readAnswer<T extends z.ZodMiniType>(received: Received, schema: T, asked: Asked): z.output<T> {
  const { status, text } = received;
  const json = parse(text);
  if (status !== 200) {
    const read = problem.safeParse(json);
    throw refusal(received, read.success ? read.data : undefined, asked);
  }
  if (json === undefined) throw noBroker(asked);
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  throw new Failure(
    3,
    `The broker at ${asked.url} answers ${asked.ask.path} otherwise than this command understands${placeOf(read.error)}.`,
    ['It and this command are of different versions: use the command line of the version that is deployed.'],
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function placeOf({ issues }: z.core.$ZodError): string {
  const path = issues[0]?.path.map(String).join('.') ?? '';
  return path === '' ? '' : ` (at ${printable(path)})`;
}
