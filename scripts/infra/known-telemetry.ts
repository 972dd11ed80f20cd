import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from '@swc/core';
import { instruments } from '../../shared/telemetry/instruments.ts';
import { listAt, textAt } from './members.ts';

const root = join(import.meta.dirname, '../..');

/** What the broker logs and measures, as its source says. Events and reasons are types, and gone when it runs: they are read from the text. */
export type KnownTelemetry = {
  /** Of log lines, with the fields that a line of it may have. */
  readonly events: ReadonlyMap<string, ReadonlySet<string>>;
  /** Events that are warned of or are errors: somebody is to be told of each. */
  readonly warnings: ReadonlySet<string>;
  /** What `alert` of `rotation-alert` may be. */
  readonly rotationAlerts: ReadonlySet<string>;
  /** Attributes by instrument. */
  readonly metrics: ReadonlyMap<string, ReadonlySet<string>>;
};

export function readKnownTelemetry(): KnownTelemetry {
  const files = globSync('shared/**/*.ts', { cwd: root }).map((path) => readFileSync(join(root, path), 'utf8'));
  const events = readUnion('shared/telemetry/log.ts', 'Event');
  return {
    events: new Map(events.map((event) => [event, fieldsOf(event, files)])),
    warnings: new Set(events.filter((event) => files.some((text) => isWarnedOf(event, text)))),
    rotationAlerts: new Set(readUnion('shared/rotation/record.ts', 'FailureReason')),
    metrics: new Map(Object.values(instruments).map(({ name, attributes }) => [name, new Set<string>(attributes)])),
  };
}

/**
 * The words of a union type: `type Event = 'audit' | …`.
 *
 * @throws where there is no such type: then nobody knows what may be named, and nothing would be checked.
 */
export function readUnion(path: string, name: string, text = readFileSync(join(root, path), 'utf8')): string[] {
  const { body } = parseSync(text, { syntax: 'typescript', target: 'es2024' });
  const declared: unknown[] = body.map((node) => ('declaration' in node ? node.declaration : node));
  const found = declared.find(
    (node) => textAt(node, 'type') === 'TsTypeAliasDeclaration' && textAt(node, 'id.value') === name,
  );
  const types = listAt(found, 'typeAnnotation.types');
  const words = types.map((type) => textAt(type, 'literal.value')).filter((word) => word !== '');
  if (words.length === 0 || words.length < types.length) throw new Error(`${path} has no type ${name} of words alone.`);
  return words;
}

/** What a line of this event may say: every name in a file that logs it, for a field that no such file names cannot be in it. */
function fieldsOf(event: string, files: readonly string[]): ReadonlySet<string> {
  const logging = files.filter((text) => logs(event, text));
  const described = logging.some((text) => text.includes('describeError'))
    ? ['code', 'reason', 'upstream', 'frames']
    : [];
  return new Set([...logging.flatMap((text) => text.match(/[A-Za-z]\w*/g) ?? []), ...described]);
}

function logs(event: string, text: string): boolean {
  return new RegExp(`\\.(info|warn|error)\\(\\s*'${event}'`).test(text);
}

function isWarnedOf(event: string, text: string): boolean {
  return new RegExp(`\\.(warn|error)\\(\\s*'${event}'`).test(text);
}
