import { toEntityUrl, type EntityKeys } from './table-url.ts';

/** One operation of a transaction: an insert or, where there is an ETag, a replacement of what has it. */
export type Operation = { readonly entity: EntityKeys; readonly etag?: string };

/** How a transaction ended: as a whole, because it is done as a whole or not at all. */
export type TransactionOutcome =
  /** The ETag of every entity, in the order of the operations. */
  | { readonly kind: 'done'; readonly etags: readonly (string | undefined)[] }
  /** What the one operation was answered that it failed at. */
  | { readonly kind: 'failed'; readonly status: number; readonly text: string };

const line = '\r\n';

/**
 * Writes down a transaction ("Performing entity group transactions"): one change set, in which every entity is of one table and partition.
 *
 * @param id names the boundaries; none of it may stand in an entity.
 */
export function buildTransaction(tableUrl: string, operations: readonly Operation[], id: string) {
  const changes = operations.map((operation) => [
    `--changeset_${id}`,
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    '',
    ...toRequestLines(tableUrl, operation),
  ]);
  const lines = [
    `--batch_${id}`,
    `Content-Type: multipart/mixed; boundary=changeset_${id}`,
    '',
    ...changes.flat(),
    `--changeset_${id}--`,
    `--batch_${id}--`,
    '',
  ];
  return { contentType: `multipart/mixed; boundary=batch_${id}`, body: lines.join(line) };
}

/** JSON has no line end but between its members, and `stringify` none at all: an entity is one line, and no boundary. */
function toRequestLines(tableUrl: string, { entity, etag }: Operation): string[] {
  const [method, url, header] =
    etag === undefined
      ? ['POST', tableUrl, 'Prefer: return-no-content']
      : ['PUT', toEntityUrl(tableUrl, entity), `If-Match: ${etag}`];
  return [
    `${method} ${url} HTTP/1.1`,
    'Content-Type: application/json',
    'Accept: application/json;odata=minimalmetadata',
    'DataServiceVersion: 3.0',
    header,
    '',
    JSON.stringify(entity),
  ];
}

/**
 * Reads the answer to a transaction of so many operations. Lines may end either way.
 *
 * @returns `undefined` for an answer that says neither that all of it was done nor what failed: one that breaks off, above all.
 */
export function parseTransaction(
  contentType: string | null,
  text: string,
  operations: number,
): TransactionOutcome | undefined {
  const [changeSet, ...others] = readParts(contentType, text.split(/\r?\n/));
  if (!changeSet || others.length > 0) return undefined;
  const parts = readParts(readHeader(changeSet.head, 'Content-Type'), changeSet.body);
  const answers = parts.map(readAnswer);
  const [first] = answers;
  if (first && first.status >= 400 && answers.length === 1) {
    return { kind: 'failed', status: first.status, text: first.text };
  }
  const isDone = answers.length === operations && answers.every(({ status }) => status === 204 || status === 201);
  return isDone ? { kind: 'done', etags: answers.map(({ etag }) => etag) } : undefined;
}

const multipart = /^multipart\/mixed *;(?:.*;)? *boundary="?([\w'()+,./:=?-]{1,70})"? *(?:;|$)/i;

type Part = { readonly head: readonly string[]; readonly body: readonly string[] };

/** RFC 2046, section 5.1: what stands before the first boundary and after the last is no part. Without the last, nothing is: something is missing. */
function readParts(contentType: string | null | undefined, lines: readonly string[]): Part[] {
  const [, boundary] = multipart.exec(contentType ?? '') ?? [];
  const trimmed = lines.map((each) => each.trimEnd());
  const end = trimmed.indexOf(`--${boundary}--`);
  if (boundary === undefined) return [];
  const starts = trimmed.flatMap((each, index) => (each === `--${boundary}` && index < end ? [index] : []));
  return starts.map((start, index) => splitPart(lines.slice(start + 1, starts[index + 1] ?? end)));
}

/** At the first empty line. */
function splitPart(lines: readonly string[]): Part {
  const at = lines.indexOf('');
  return at < 0 ? { head: lines, body: [] } : { head: lines.slice(0, at), body: lines.slice(at + 1) };
}

function readHeader(head: readonly string[], name: string): string | undefined {
  const prefix = `${name}:`.toLowerCase();
  return head
    .find((each) => each.toLowerCase().startsWith(prefix))
    ?.slice(prefix.length)
    .trim();
}

/** The HTTP answer within a part. Status 0 where there is none. */
function readAnswer({ body }: Part) {
  const { head, body: lines } = splitPart(body);
  const [, status = '0'] = /^HTTP\/1\.1 (\d{3})( |$)/.exec(head[0] ?? '') ?? [];
  return { status: Number(status), etag: parseEtag(readHeader(head, 'ETag')), text: lines.join('\n') };
}

/** RFC 9110, section 8.8.3, in ASCII. Anything else could not be sent back. */
export function parseEtag(value: unknown): string | undefined {
  return typeof value === 'string' && /^(W\/)?"[!#-~]*"$/.test(value) ? value : undefined;
}
