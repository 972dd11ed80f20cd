import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { toEntityUrl, toLiteral, toQueryUrl, toTableUrl } from '../../../shared/azure/table-url.ts';

const service = 'https://127.0.0.1:4/devstoreaccount1';
const tableUrl = toTableUrl(service, 'rotation');

test('a table stands below the service’s path, with nothing in its name that leads elsewhere', () => {
  expect(tableUrl).toBe(`${service}/rotation`);
  expect(toTableUrl(service, 'a/../b?c#d')).toBe(`${service}/a%2F..%2Fb%3Fc%23d`);
});

test('keys are escaped', () => {
  const url = toEntityUrl(tableUrl, { PartitionKey: "o'brien/%27?#&+", RowKey: "',RowKey='x" });
  expect(url).toBe(`${tableUrl}(PartitionKey='o''brien%2F%2527%3F%23%26%2B',RowKey='''%2CRowKey%3D''x')`);
});

test('whatever its keys are, an entity’s URL is one of its table, and tells them', () => {
  const key = fc.string({ unit: 'binary' }).map((text) => text.toWellFormed());
  fc.assert(
    fc.property(key, key, (PartitionKey, RowKey) => {
      const { pathname, search, hash } = new URL(toEntityUrl(tableUrl, { PartitionKey, RowKey }));
      expect([search, hash]).toEqual(['', '']);
      expect(decodeURIComponent(pathname)).toBe(
        `/devstoreaccount1/rotation(PartitionKey=${toLiteral(PartitionKey)},RowKey=${toLiteral(RowKey)})`,
      );
    }),
  );
});

test('a query is escaped, blanks as what no reading of them can mistake', () => {
  const url = toQueryUrl(tableUrl, { $filter: "PartitionKey eq 'a+b&$top=9'", NextRowKey: '1!8!YQ==' });
  expect(url).toBe(`${tableUrl}()?$filter=PartitionKey%20eq%20'a%2Bb%26%24top%3D9'&NextRowKey=1!8!YQ%3D%3D`);
  expect(new URL(url).searchParams.get('$filter')).toBe("PartitionKey eq 'a+b&$top=9'");
});
