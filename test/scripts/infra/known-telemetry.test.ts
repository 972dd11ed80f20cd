import { describe, expect, test } from '@jest/globals';
import { readKnownTelemetry, readUnion } from '../../../scripts/infra/known-telemetry.ts';
import { readQuery } from '../../../scripts/infra/query.ts';

describe('what the broker logs and measures', () => {
  test('is read from its source', () => {
    const { events, warnings, rotationAlerts, metrics } = readKnownTelemetry();
    expect([...events.keys()]).toEqual(
      expect.arrayContaining(['audit', 'rotation-failed', 'client-credential-expires']),
    );
    expect([...(events.get('client-credential-expires') ?? [])]).toEqual(
      expect.arrayContaining(['client', 'daysLeft']),
    );
    expect(events.get('client-credential-expires')?.has('because')).toBe(false);
    expect(events.get('rotation-failed')?.has('reason')).toBe(true);
    expect(warnings.has('rotation-failed')).toBe(true);
    expect(warnings.has('rotation-step')).toBe(false);
    expect(rotationAlerts.has('key-changed-outside')).toBe(true);
    expect(metrics.get('token_broker.rotation.overdue')).toEqual(new Set(['token_broker.subscription']));
  });

  test.each([
    ["type Event = 'a' | 'b';", ['a', 'b']],
    ["/** Why. */\nexport type Event =\n  | 'a'\n  /** And. */\n  | 'b';", ['a', 'b']],
  ])('%j is a union of words', (text, words) => {
    expect(readUnion('x.ts', 'Event', text)).toEqual(words);
  });

  test.each(["type Other = 'a' | 'b';", 'type Event = string;', "type Event = 'a' | Other;"])(
    '%j is none, and not a list that allows nothing or everything',
    (text) => expect(() => readUnion('x.ts', 'Event', text)).toThrow('x.ts has no type Event of words alone.'),
  );
});

test('a query names tables, events, fields, metrics and columns, but none in a comment', () => {
  const query = `// AppEvents where tostring(line.event) == 'c'
AppTraces
| extend line = parse_json(Message)
| where tostring(line.event) in ('a', 'b') or tostring(line.event) == 'c'
| where tostring(line.alert) == 'd'
| union (AppMetrics | where Name == 'token_broker.x' and Properties['token_broker.y'] == 'z')
| project TimeGenerated, subscription = tostring(line.subscription)`;
  expect(readQuery(query)).toEqual({
    tables: ['AppTraces', 'AppMetrics'],
    events: ['c', 'a', 'b'],
    rotationAlerts: ['d'],
    fields: ['alert', 'subscription'],
    metrics: ['token_broker.x'],
    attributes: ['token_broker.y'],
    names: ['AppTraces', 'Message', 'AppMetrics', 'Name', 'Properties', 'TimeGenerated'],
    loose: [],
    columns: ['TimeGenerated', 'subscription'],
  });
});

test('a query names what it asks of a table, and not what it has named itself', () => {
  const { names } = readQuery(
    "AppRequests\n| where Uri contains '/v1/'\n| summarize median = percentile(DurationMs, 50) by bin(TimeGenerated, 5m)\n| order by median desc",
  );
  expect(names).toEqual(['AppRequests', 'Uri', 'DurationMs', 'TimeGenerated']);
});

test.each(["=~ 'a'", "has 'a'", "!= 'a'", "startswith 'a'"])('an event is not named by %s', (comparison) => {
  expect(readQuery(`AppTraces | where tostring(line.event) ${comparison}`)).toMatchObject({
    events: [],
    loose: ['event'],
  });
});
