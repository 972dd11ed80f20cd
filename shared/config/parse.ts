import { createScanner, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import type { ConfigProblem } from './problem.ts';

export type ParsedJson = { readonly value: unknown; readonly problems: readonly ConfigProblem[] };

/**
 * Reads JSON with comments. Unlike `JSON.parse` it refuses a member that stands twice, of which the first would be lost in silence.
 */
export function parseJson(file: string): ParsedJson {
  const text = file.replace(/^\uFEFF/, '');
  if (isTooDeep(text)) return { value: undefined, problems: [tooDeep] };
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: false });
  if (!root || errors.length > 0)
    return { value: undefined, problems: errors.slice(0, 1).map((error) => toProblem(text, error)) };
  const problems: ConfigProblem[] = [];
  return { value: toValue(root, '', problems), problems };
}

/** Ten times what a configuration has. The parsers call themselves for each level, and one of thousands would end them, not the text. */
const deepest = 100;
const tooDeep = {
  path: 'the file',
  problem: `nests deeper than ${deepest} levels`,
  remedy: 'Look for a bracket too many.',
};

function isTooDeep(text: string): boolean {
  const scanner = createScanner(text, true);
  let depth = 0;
  while (scanner.getPosition() < text.length) {
    scanner.scan();
    const first = text.charAt(scanner.getTokenOffset());
    if (first === '{' || first === '[') depth += 1;
    if (first === '}' || first === ']') depth -= 1;
    if (depth > deepest) return true;
  }
  return false;
}

const reserved = { problem: 'is not a valid name', remedy: 'Choose another.' };

function toProblem(text: string, { error, offset }: ParseError): ConfigProblem {
  const before = text.slice(0, offset).split('\n');
  const place = `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
  return { path: place, problem: `is not JSON (${printParseErrorCode(error)})`, remedy: 'Correct it there.' };
}

function toValue(node: Node, path: string, problems: ConfigProblem[]): unknown {
  if (node.type === 'array')
    return (node.children ?? []).map((item, index) => toValue(item, join(path, index), problems));
  if (node.type !== 'object') return node.value;
  const members = new Map<string, unknown>();
  for (const { children } of node.children ?? []) {
    const [key, value] = children ?? [];
    if (!key || !value) continue;
    const memberPath = join(path, String(key.value));
    if (members.has(key.value)) {
      problems.push({ path: memberPath, problem: 'stands there twice', remedy: 'Keep one of them.' });
    }
    // A schema passes over this name, and what stands under it would be lost in silence.
    if (key.value === '__proto__') problems.push({ path: memberPath, ...reserved });
    else members.set(key.value, toValue(value, memberPath, problems));
  }
  return Object.fromEntries(members);
}

/** The path of a member: `callers.billing.apis[0]`. */
export function join(path: string, member: string | number): string {
  if (typeof member === 'number') return `${path}[${member}]`;
  return path === '' ? member : `${path}.${member}`;
}
