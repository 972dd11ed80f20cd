/** What an entity is found by. */
export type EntityKeys = { readonly PartitionKey: string; readonly RowKey: string };

/** A table of a table service. Entities are inserted here. */
export function toTableUrl(serviceUrl: string, table: string): string {
  return `${serviceUrl}/${encodeURIComponent(table)}`;
}

/** One entity of a table. */
export function toEntityUrl(tableUrl: string, { PartitionKey, RowKey }: EntityKeys): string {
  const [partition, row] = [PartitionKey, RowKey].map((key) => encodeURIComponent(toLiteral(key)));
  return `${tableUrl}(PartitionKey=${partition},RowKey=${row})`;
}

/** Entities of a table. `query` holds `$filter`, `$top` and, from the second page on, the continuation. */
export function toQueryUrl(tableUrl: string, query: Readonly<Record<string, string>>): string {
  const members = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${tableUrl}()?${members.join('&')}`;
}

/** A text as OData 3.0 writes it, in a key or a filter: a quote in it stands twice. */
export function toLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
