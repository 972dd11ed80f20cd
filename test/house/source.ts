import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parseSync } from '@swc/core';

const root = join(import.meta.dirname, '../..');

/** One import of a file, of whatever form. */
export type Import = {
  /** A path from the project's root, or the name of a package. */
  readonly from: string;
  /** Gone when the code runs. */
  readonly typeOnly: boolean;
  readonly names: readonly string[];
};

/** What the rules of the house look at. */
export type Source = {
  /** From the project's root. */
  readonly path: string;
  readonly imports: readonly Import[];
  /** Every name in the code, and what is done with it: `process`, `process.env`, `secret.open`, `.open`, `Date()`, `new Date()`. */
  readonly uses: ReadonlySet<string>;
};

/** All TypeScript files under some folders of the project, but for declarations, of which nothing runs. */
export function readSources(...folders: string[]): Source[] {
  const paths = globSync(
    folders.map((folder) => `${folder}/**/*.ts`),
    { cwd: root },
  )
    .filter((path) => !path.endsWith('.d.ts'))
    .toSorted();
  return paths.map((path) => parseSource(path, readFileSync(join(root, path), 'utf8')));
}

export function parseSource(path: string, text: string): Source {
  const nodes = Array.from(walk(parseSync(text, { syntax: 'typescript', target: 'es2024' }).body));
  return {
    path,
    imports: nodes.flatMap((node) => importsIn(node, path)),
    uses: new Set(nodes.flatMap(usesIn)),
  };
}

type Node = { readonly type: string } & Readonly<Record<string, unknown>>;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function* walk(value: unknown): Generator<Node> {
  if (typeof value !== 'object' || value === null) return;
  if (isNode(value)) yield value;
  for (const member of Object.values(value)) yield* walk(member);
}

function importsIn(node: Node, path: string): Import[] {
  const source = sourceOf(node);
  if (source === undefined) return [];
  const from = source.startsWith('.') ? posix.join(posix.dirname(path), source) : source;
  const specifiers = Array.isArray(node['specifiers']) ? node['specifiers'].filter(isNode) : [];
  const typeOnly =
    node.type === 'TsImportType' ||
    node['typeOnly'] === true ||
    (specifiers.length > 0 && specifiers.every((specifier) => specifier['isTypeOnly'] === true));
  const names = node.type === 'ExportAllDeclaration' ? ['*'] : specifiers.map(importedName);
  return [{ from, typeOnly, names }];
}

function importedName(specifier: Node): string {
  if (specifier.type === 'ImportNamespaceSpecifier') return '*';
  const name = specifier['imported'] ?? specifier['orig'] ?? specifier['local'];
  return isNode(name) && typeof name['value'] === 'string' ? name['value'] : '*';
}

function sourceOf(node: Node): string | undefined {
  if (/^(Import|ExportNamed|ExportAll)Declaration$/.test(node.type)) return textOf(node['source']);
  if (node.type === 'TsImportType') return textOf(node['argument']);
  if (node.type !== 'CallExpression' || !isNode(node['callee'])) return undefined;
  const isImport = node['callee'].type === 'Import' || nameOf(node['callee']) === 'require';
  if (!isImport || !Array.isArray(node['arguments'])) return undefined;
  const [first] = node['arguments'] as { expression: unknown }[];
  return textOf(first?.expression) ?? '(computed)';
}

function textOf(node: unknown): string | undefined {
  return isNode(node) && node.type === 'StringLiteral' ? String(node['value']) : undefined;
}

function usesIn(node: Node): string[] {
  if (node.type === 'Identifier') return [String(node['value'])];
  if (node.type === 'MemberExpression') {
    const [object, property] = [nameOf(node['object']) ?? '', memberName(node['property'])];
    return property === undefined ? [] : [`${object}.${property}`];
  }
  if (node.type === 'ClassDeclaration' || node.type === 'ClassExpression') return ['class'];
  if (node.type === 'TsAsExpression' && isAsUnknown(node['expression'])) return ['as unknown as'];
  // `const { a, b: c } = x`
  if (/^(Assignment|KeyValue)PatternProperty$/.test(node.type)) return [`.${nameOf(node['key'])}`];
  if (node.type === 'NewExpression') {
    const hasArguments = Array.isArray(node['arguments']) && node['arguments'].length > 0;
    return hasArguments ? [] : [`new ${nameOf(node['callee'])}()`];
  }
  if (node.type === 'CallExpression' && isNode(node['callee'])) {
    const { callee } = node;
    return [`${nameOf(callee) ?? `.${memberName(callee['property'])}`}()`];
  }
  return [];
}

function isAsUnknown(node: unknown): boolean {
  return (
    isNode(node) &&
    node.type === 'TsAsExpression' &&
    isNode(node['typeAnnotation']) &&
    node['typeAnnotation']['kind'] === 'unknown'
  );
}

function nameOf(node: unknown): string | undefined {
  return isNode(node) && node.type === 'Identifier' ? String(node['value']) : undefined;
}

/** `a.b` and `a['b']`. */
function memberName(property: unknown): string | undefined {
  if (!isNode(property)) return undefined;
  return property.type === 'Computed' ? textOf(property['expression']) : nameOf(property);
}
