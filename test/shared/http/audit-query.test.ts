import { describe, expect, test } from '@jest/globals';
import { readAuditQuery } from '../../../shared/http/audit-query.ts';

const now = Date.UTC(2026, 10, 24, 3);
const [hour, day] = [3_600_000, 86_400_000];
const read = (query: string) => readAuditQuery(`https://broker.example/v1/audit?${query}`, now);

describe('a query of the trail', () => {
  test('is for the last 24 hours, and 100 records, unless it says otherwise', () => {
    expect(read('caller=billing')).toEqual({ trail: 'billing', sinceMs: now - day, untilMs: now, limit: 100 });
  });

  test.each<[string, object]>([
    ['since=2h', { sinceMs: now - 2 * hour }],
    ['since=2026-11-23T00:00:00Z', { sinceMs: Date.UTC(2026, 10, 23) }],
    ['since=2026-11-23T00:00:00.250%2B01:00', { sinceMs: Date.UTC(2026, 10, 22, 23, 0, 0, 250) }],
    ['since=3d&until=2d', { sinceMs: now - 3 * day, untilMs: now - 2 * day }],
    ['since=31d', { sinceMs: now - 31 * day }],
    ['since=2020-01-01T00:00:00Z&until=2020-02-01T00:00:00Z', { untilMs: Date.UTC(2020, 1, 1) }],
    ['since=0s', { sinceMs: now }],
    ['limit=1', { limit: 1 }],
    ['limit=1000', { limit: 1_000 }],
  ])('may say %s', (query, read_) => {
    expect(read(`caller=billing&${query}`)).toMatchObject(read_);
  });

  test.each(['_unknown', '_operators', 'a', 'b-2'])('may be for %s', (caller) => {
    expect(read(`caller=${caller}`).trail).toBe(caller);
  });

  test.each([
    '',
    'since=1h',
    'caller=',
    'caller=Billing',
    'caller=_others',
    "caller=x'",
    'caller=billing&since=',
    'caller=billing&since=yesterday',
    'caller=billing&since=-1h',
    'caller=billing&since=2026-11-24',
    'caller=billing&since=2026-11-24T02:00:00',
    'caller=billing&since=2026-02-30T00:00:00Z',
    'caller=billing&since=1969-12-31T00:00:00Z',
    'caller=billing&since=99999999d',
    'caller=billing&since=1h&until=2h',
    'caller=billing&since=2679001s',
    'caller=billing&since=2030-01-01T00:00:00Z',
    'caller=billing&limit=0',
    'caller=billing&limit=1001',
    'caller=billing&limit=1e2',
    'caller=billing&limit=1.5',
    'caller=billing&limit=',
  ])('is refused as %p', (query) => {
    expect(() => read(query)).toThrow(expect.objectContaining({ code: 'invalid-request' }));
  });

  test('is refused with what it does not know', () => {
    expect(() => read('caller=billing&api=core')).toThrow(expect.objectContaining({ reason: 'query-unknown' }));
  });
});
