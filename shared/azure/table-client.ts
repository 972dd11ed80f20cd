import { randomUUID } from 'node:crypto';
import type { TokenCredential } from '@azure/identity';
import type { Clock } from '../clock.ts';
import { BrokerError } from '../errors.ts';
import { asMembers, parseJson } from './json.ts';
import { buildTransaction, parseEtag, parseTransaction, type Operation } from './table-batch.ts';
import { requestTable, toTableError, type TableAnswer, type TableRequest } from './table-request.ts';
import { toEntityUrl, toQueryUrl, toTableUrl, type EntityKeys } from './table-url.ts';

type Dependencies = { clock: Clock; credential: TokenCredential };
type Options = {
  /** The account's table service, without a slash at its end. */
  url: string;
  table: string;
};

/** An entity's properties, and its ETag. */
type Entity = { readonly fields: object; readonly etag: string };
type Query = { readonly filter: string; readonly limit: number };
type Page = { readonly found: readonly unknown[]; readonly next: Readonly<Record<string, string>> | undefined };

/**
 * One table. Properties are texts, booleans, 32-bit integers and fractions: what JSON says of its own accord.
 *
 * Every function throws {BrokerError} `storage-unavailable`, also for a 2xx answer that is not understood, or `storage-refused`, with the
 * service's error code as `upstream`; and what the credential throws. Nothing is tried again.
 */
export type TableClient = {
  get(keys: EntityKeys, signal: AbortSignal): Promise<Entity>;
  /** All of it or nothing, in one request. @returns the new ETag of the first entity. */
  submit(operations: readonly Operation[], signal: AbortSignal): Promise<string>;
  create(signal: AbortSignal): Promise<void>;
  /** In the order of their keys, in as many requests as there are pages. */
  query(query: Query, signal: AbortSignal): Promise<readonly unknown[]>;
};

/** With the ETag in the entity. */
const minimal = 'application/json;odata=minimalmetadata';
const bare = 'application/json;odata=nometadata';
/** Storage gives up to 1,000 entities at once. Half of that is no more than an answer may have, if they have 2 KB. */
const longestPage = 500;

/** Makes requests of its own, because `@azure/data-tables` would be a sixth of the bundle. */
export function createTableClient(dependencies: Dependencies, { url, table }: Options): TableClient {
  const tableUrl = toTableUrl(url, table);
  const send = (request: TableRequest, signal: AbortSignal) => requestTable(dependencies, request, signal);

  const readPage = async ({ filter, limit }: Query, from: Page['next'], signal: AbortSignal) => {
    const pageUrl = toQueryUrl(tableUrl, { $filter: filter, $top: String(Math.min(limit, longestPage)), ...from });
    return toPage(await send({ method: 'GET', url: pageUrl, headers: { Accept: bare } }, signal));
  };

  return {
    get: async (keys, signal) =>
      toEntity(await send({ method: 'GET', url: toEntityUrl(tableUrl, keys), headers: { Accept: minimal } }, signal)),
    submit: async (operations, signal) => {
      const { contentType, body } = buildTransaction(tableUrl, operations, randomUUID());
      const headers = { Accept: 'application/json', 'Content-Type': contentType };
      const answer = await send({ method: 'POST', url: `${url}/$batch`, headers, body }, signal);
      return toNewEtag(answer, operations.length);
    },
    create: async (signal) => {
      const headers = { Accept: bare, 'Content-Type': 'application/json', Prefer: 'return-no-content' };
      const body = JSON.stringify({ TableName: table });
      const { status } = await send({ method: 'POST', url: `${url}/Tables`, headers, body }, signal);
      if (status !== 204 && status !== 201) throw notUnderstood();
    },
    query: async ({ filter, limit }, signal) => {
      const found: unknown[] = [];
      let next: Page['next'];
      do {
        const page = await readPage({ filter, limit: limit - found.length }, next, signal);
        if (page.next && JSON.stringify(page.next) === JSON.stringify(next)) throw notUnderstood();
        found.push(...page.found);
        next = page.next;
      } while (next && found.length < limit);
      return found.slice(0, limit);
    },
  };
}

function notUnderstood(): BrokerError {
  return new BrokerError('storage-unavailable');
}

function toEntity(answer: TableAnswer): Entity {
  const fields = parseObject(answer);
  const etag = parseEtag(fields['odata.etag']);
  if (etag === undefined) throw notUnderstood();
  return { fields, etag };
}

function toNewEtag({ status, headers, text }: TableAnswer, operations: number): string {
  const outcome = status === 202 ? parseTransaction(headers.get('content-type'), text, operations) : undefined;
  if (outcome?.kind === 'failed') throw toTableError(outcome.status, outcome.text);
  const etag = outcome?.etags[0];
  if (etag === undefined) throw notUnderstood();
  return etag;
}

/** A page may be empty and still not be the last ("Query timeout and pagination"). */
function toPage(answer: TableAnswer): Page {
  const { value } = parseObject(answer);
  if (!Array.isArray(value)) throw notUnderstood();
  const partition = answer.headers.get('x-ms-continuation-nextpartitionkey');
  const row = answer.headers.get('x-ms-continuation-nextrowkey');
  const next = partition ? { NextPartitionKey: partition, ...(row && { NextRowKey: row }) } : undefined;
  return { found: value, next };
}

function parseObject({ status, text }: TableAnswer): Readonly<Record<string, unknown>> {
  const members = status === 200 ? asMembers(parseJson(text)) : undefined;
  if (!members) throw notUnderstood();
  return members;
}
