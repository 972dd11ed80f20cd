import type { ServerResponse } from 'node:http';
import { sendEmpty, sendJson } from './http.ts';
import type { IndexedFunction } from './indexing.ts';
import type { InputValue } from './rpc.ts';

export type FireFunction = (target: IndexedFunction, input: unknown) => void;
export type Admin = (response: ServerResponse, method: string, path: string[], body: Buffer | undefined) => void;

const malformed = Symbol('malformed');

/** The `input` of `{ "input": … }`, which is what Azure takes; nothing is as good as `{}`. */
function readInput(body: Buffer | undefined): unknown {
  if (body === undefined || body.length === 0) return undefined;
  try {
    const value: unknown = JSON.parse(body.toString());
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return malformed;
    return 'input' in value ? value.input : undefined;
  } catch {
    return malformed;
  }
}

/** What a function other than a timer gets when it is fired by hand. */
export function toInputValue(input: unknown): InputValue {
  return typeof input === 'string' ? { string: input } : { json: JSON.stringify(input ?? {}) };
}

/**
 * The part of a Functions host's own interface that is of use locally, open to all, as in Azure's local tools:
 * https://learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http
 */
export function createAdmin(functions: IndexedFunction[], fire: FireFunction): Admin {
  const list = functions.map(({ name, trigger, disabled }) => ({ name, trigger, isDisabled: disabled }));
  const byName = new Map(functions.map((one) => [one.name.toLowerCase(), one]));

  const fireByName = (response: ServerResponse, name: string, body: Buffer | undefined): void => {
    const target = byName.get(name.toLowerCase());
    if (!target) return sendEmpty(response, 404);
    if (target.kind === 'http')
      return sendJson(response, 400, { error: `${target.name} has an HTTP trigger: call its route.` });
    const input = readInput(body);
    if (input === malformed)
      return sendJson(response, 400, { error: 'The body is not a JSON object like { "input": … }.' });
    fire(target, input);
    return sendEmpty(response, 202);
  };

  return (response, method, [, ...path], body) => {
    const [area, name, ...more] = path;
    const call = `${method} ${path.slice(0, 2).join('/').toLowerCase()}`;
    if (more.length > 0) sendEmpty(response, 404);
    else if (call === 'GET host/status') sendJson(response, 200, { state: 'Running' });
    else if (call === 'GET functions') sendJson(response, 200, list);
    else if (method === 'POST' && area?.toLowerCase() === 'functions' && name !== undefined)
      fireByName(response, name, body);
    else sendEmpty(response, 404);
  };
}
