/** One page of a list, as Key Vault's lists have it. */
type Page = { value: object[]; nextLink: string | null };

const maxPageSize = 25;

/**
 * The page that the request asks for: 25 lines, or fewer with `maxresults`; `undefined` when `maxresults` is none. `lines` must be sorted by key.
 * The link to the next page names the last key shown, so that what is added or taken away meanwhile repeats or hides nothing else.
 */
export function page(url: URL, lines: readonly { key: string; item: object }[]): Page | undefined {
  const size = Number(url.searchParams.get('maxresults') ?? maxPageSize);
  if (!Number.isInteger(size) || size < 1 || size > maxPageSize) return undefined;
  const after = fromToken(url.searchParams.get('$skiptoken'));
  const rest = lines.filter(({ key }) => after === undefined || key > after);
  const shown = rest.slice(0, size);
  const last = shown.at(-1);
  const hasMore = last !== undefined && rest.length > size;
  return { value: shown.map(({ item }) => item), nextLink: hasMore ? linkTo(url, last.key) : null };
}

function linkTo(url: URL, key: string): string {
  const next = new URL(url);
  next.searchParams.set('$skiptoken', Buffer.from(key).toString('base64url'));
  return next.href;
}

function fromToken(token: string | null): string | undefined {
  return token === null ? undefined : Buffer.from(token, 'base64url').toString();
}
