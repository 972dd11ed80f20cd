import type { HttpRequest } from '@azure/functions';
import * as z from 'zod/mini';
import { BrokerError, type Reason } from '../errors.ts';
import { readOptionalBody } from './body.ts';

/** What a sidecar can be told of a token, as far as the broker does it. */
export type SidecarOptions = {
  /** Loads the credentials again before they are handed out. */
  readonly forceRefresh: boolean;
};

/** In bytes. */
const longestBody = 4_096;
const forceRefresh = 'optionsoverride.acquiretokenoptions.forcerefresh';

/** What a sidecar has beside that: by its names, whose case does not matter to it. The first that fits says why not. */
const unsupported: readonly (readonly [RegExp, Reason])[] = [
  [/^agent(identity|username|userid)$/, 'agent-unsupported'],
  [/^optionsoverride\.scopes\b/, 'scopes-unsupported'],
  [/^optionsoverride\.requestapptoken$/, 'app-token-unsupported'],
  [/^optionsoverride\.acquiretokenoptions\.tenant$/, 'tenant-unsupported'],
  [/^optionsoverride\.acquiretokenoptions\.claims$/, 'claims-unsupported'],
  [/^optionsoverride\.acquiretokenoptions\.pop(publickey|claims?)$/, 'proof-unsupported'],
  [
    /^optionsoverride\.(baseurl|relativepath|httpmethod|contenttype|acceptheader|customheader|extra\w+parameters)\b/,
    'call-options-unsupported',
  ],
  [/^optionsoverride\b/, 'option-unsupported'],
];

type Pair = readonly [name: string, value: unknown];

/**
 * Reads the options of a sidecar: of the query, as its releases take them, or of a POST's JSON body, as its previews did.
 *
 * @throws {BrokerError} `unsupported` for those that the broker does not have; `invalid-request` for one that no sidecar has, or that is not well-formed.
 */
export async function readSidecarOptions(request: HttpRequest): Promise<SidecarOptions> {
  const given = [...fromQuery(request.url), ...(request.method === 'POST' ? await fromBody(request) : [])];
  const values = given.map(([name, value]) => readForceRefresh(name.toLowerCase(), value));
  if (values.length > 1) throw new BrokerError('options-malformed');
  return { forceRefresh: values[0] ?? false };
}

function readForceRefresh(name: string, value: unknown): boolean {
  if (name !== forceRefresh) {
    throw new BrokerError(unsupported.find(([pattern]) => pattern.test(name))?.[1] ?? 'query-unknown');
  }
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string' || !/^(true|false)$/i.test(value)) throw new BrokerError('options-malformed');
  return value.toLowerCase() === 'true';
}

function fromQuery(url: string): Pair[] {
  const start = url.indexOf('?');
  return start < 0 ? [] : Array.from(new URLSearchParams(url.slice(start)));
}

async function fromBody(request: HttpRequest): Promise<Pair[]> {
  const body = await readOptionalBody(request, z.record(z.string(), z.unknown()), longestBody, 'options-malformed');
  return flatten('optionsOverride', body ?? {});
}

/** The members of an object by their dotted names. One that is `null` is as good as absent, for a sidecar too. */
function flatten(prefix: string, members: object): Pair[] {
  return Object.entries(members).flatMap(([name, value]: [string, unknown]) => {
    const dotted = `${prefix}.${name}`;
    if (value === null) return [];
    if (typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length > 0)
      return flatten(dotted, value);
    return [[dotted, value]];
  });
}
