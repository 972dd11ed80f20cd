import { describe, expect, test } from '@jest/globals';
import * as z from 'zod/mini';
import { configSchema } from '../../../shared/config/schema.ts';
import { fullFile, problemsOf, withValue } from './file.ts';
import { members, type Member } from './members.ts';

const nameIn: Readonly<Record<string, string>> = {
  apis: 'payments',
  subscriptions: 'okq8-payments',
  clients: 'okq8',
  callers: 'billing',
};

/** `apis.<name>.baseUrl` → `apis.payments.baseUrl`: where it stands in the full file. */
function placeOf(member: string): string {
  const group = member.split('.')[0] ?? '';
  const name = members[member]?.of ?? nameIn[group] ?? '';
  return member.replace('<name>', name).replace('[]', '[0]');
}

const show = (value: unknown) => JSON.stringify(value) ?? 'nothing';
const rowsOf = (kind: 'right' | 'wrong') =>
  Object.entries(members).flatMap(([member, row]) =>
    row[kind].map((value) => [member, show(value).slice(0, 60), value, row] as const),
  );
const isEntry = (member: string) => member.endsWith('<name>') || member.endsWith('[]');
const membersThat = (isRequired: boolean): (readonly [string, Member])[] =>
  Object.entries(members).filter(([member, row]) => !isEntry(member) && (row.required ?? false) === isRequired);

describe('a member of the configuration file', () => {
  test.each(rowsOf('right'))('%s may be %s', (member, _shown, value) => {
    expect(problemsOf(withValue(fullFile(), placeOf(member), value))).toEqual([]);
  });

  test.each(rowsOf('wrong'))('%s may not be %s', (member, _shown, value, { remedy = /\S/ }) => {
    const place = placeOf(member);
    const problems = problemsOf(withValue(fullFile(), place, value)).filter(({ path }) => path === place);
    expect(problems).toContainEqual({
      path: place,
      problem: expect.stringMatching(/^(is|names) /),
      remedy: expect.stringMatching(remedy),
    });
  });

  test.each(membersThat(true))('%s must stand there', (member, { remedy = /\S/ }) => {
    const place = placeOf(member);
    expect(problemsOf(withValue(fullFile(), place, undefined))).toContainEqual({
      path: place,
      problem: expect.stringContaining('missing'),
      remedy: expect.stringMatching(remedy),
    });
  });

  // What refers to the member may miss it; the member itself is not asked for.
  test.each(membersThat(false))('%s may be left out', (member) => {
    const place = placeOf(member);
    const problems = problemsOf(withValue(fullFile(), place, undefined)).filter(
      ({ problem }) => !/"rotation" needs it|"clients" does not have|names no credential/.test(problem),
    );
    expect(problems).toEqual([]);
  });
});

test('every member of the schema has a row here, and every row a member', () => {
  const inSchema = pathsOf(z.toJSONSchema(configSchema, { io: 'input' }), '');
  expect(Object.keys(members).toSorted()).toEqual([...new Set(inSchema)].toSorted());
});

test('every member is described, so that an editor and docs/config.md can say what it is', () => {
  const undescribed = Object.entries(describedBy(z.toJSONSchema(configSchema, { io: 'input' }), ''));
  expect(undescribed.filter(([, description]) => !/^\S.*\.$/s.test(description))).toEqual([]);
});

type Schema = z.core.JSONSchema.BaseSchema;

function* walk(schema: Schema, path: string): Generator<readonly [string, Schema]> {
  if (path !== '') yield [path, schema];
  const inside = (member: string) => (path === '' ? member : `${path}.${member}`);
  for (const [name, member] of Object.entries(schema.properties ?? {})) yield* walkIn(member, inside(name));
  if (schema.additionalProperties) yield* walkIn(schema.additionalProperties, `${path}.<name>`);
  if (schema.items) yield* [schema.items].flat().flatMap((item) => [...walkIn(item, `${path}[]`)]);
  for (const kind of schema.oneOf ?? []) yield* [...walkIn(kind, path)].slice(1);
}

function walkIn(schema: Schema | boolean, path: string): Iterable<readonly [string, Schema]> {
  return typeof schema === 'boolean' ? [] : walk(schema, path);
}

function pathsOf(schema: Schema, path: string): string[] {
  return Array.from(walk(schema, path), ([found]) => found);
}

function describedBy(schema: Schema, path: string): Record<string, string> {
  const described = Array.from(walk(schema, path)).filter(([found]) => !found.endsWith('.kind'));
  return Object.fromEntries(described.map(([found, { description = '' }]) => [found, description]));
}
