import type { HttpRequest } from '@azure/functions';
import { parseTree, type Node, type ParseError } from 'jsonc-parser';
import * as z from 'zod/mini';
import { BrokerError, type Reason } from '../errors.ts';

/** @throws {BrokerError} `content-type-unsupported` for a body that is not said to be JSON: all that a form of another site can send. */
export function requireJson({ headers }: HttpRequest): void {
  const [type = ''] = (headers.get('content-type') ?? '').split(';');
  if (type.trim().toLowerCase() !== 'application/json') throw new BrokerError('content-type-unsupported');
}

/**
 * Reads a JSON body of up to `longest` bytes.
 *
 * @param malformed the reason for a body that is no JSON, has a member twice, or is not what the schema describes.
 * @throws {BrokerError} `invalid-request` when it is too long, no JSON, has a member twice, or is not what the schema describes.
 */
export async function readBody<T>(
  request: HttpRequest,
  schema: z.ZodMiniType<T>,
  longest: number,
  malformed: Reason = 'body-malformed',
  tooLong: Reason = 'body-too-long',
): Promise<T> {
  requireJson(request);
  return parseBody(await readBytes(request, longest, tooLong), schema, malformed);
}

/** The same where a body may be left out; `undefined` then. */
export async function readOptionalBody<T>(
  request: HttpRequest,
  schema: z.ZodMiniType<T>,
  longest: number,
  malformed: Reason,
): Promise<T | undefined> {
  const bytes = await readBytes(request, longest, 'body-too-long');
  if (bytes.length === 0) return undefined;
  requireJson(request);
  return parseBody(bytes, schema, malformed);
}

function parseBody<T>(bytes: Uint8Array, schema: z.ZodMiniType<T>, malformed: Reason): T {
  const { success, data } = z.safeParse(schema, parse(bytes, malformed));
  if (!success) throw new BrokerError(malformed);
  return data;
}

/** Reads a body of up to `longest` bytes. @throws {BrokerError} `tooLong` for a longer one, unread where it says so itself. */
export async function readBytes(request: HttpRequest, longest: number, tooLong: Reason): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > longest) throw new BrokerError(tooLong);
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length > longest) throw new BrokerError(tooLong);
  return bytes;
}

function parse(bytes: Uint8Array, malformed: Reason): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    if (!hasAmbiguousMember(text)) return value;
  } catch {
    // falls through to the one refusal
  }
  throw new BrokerError(malformed);
}

/** `JSON.parse` keeps the last of several, and whoever looked before may have seen the first (RFC 8259, section 4). A schema passes over `__proto__`. */
function hasAmbiguousMember(text: string): boolean {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors);
  return !root || isAmbiguous(root);
}

function isAmbiguous({ type, children = [] }: Node): boolean {
  const names = type === 'object' ? children.map(({ children: [name] = [] }) => name?.value) : [];
  return new Set(names).size < names.length || names.includes('__proto__') || children.some(isAmbiguous);
}
