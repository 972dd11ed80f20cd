import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the walk does that a person does not: it stands in a comment, `<!-- walk: … -->`, before the block that it is for. */
type Walk = string;

/** A block of commands, or of what goes into a file, with the walk's own lines before it. */
export type Block = { readonly language: string; readonly text: string; readonly walk: readonly Walk[] };

export type Page = {
  readonly title: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  /** The headings of the second level, in their order. */
  readonly headings: readonly string[];
  /** The variables that the page says are to be set, on its line that begins with `Set `. */
  readonly sets: readonly string[];
  /** The variables that its commands use and do not make themselves. */
  readonly uses: readonly string[];
};

export const folder = join(import.meta.dirname, '../../docs/runbooks');

export function readPage(file: string): Page {
  return parsePage(readFileSync(join(folder, file), 'utf8'));
}

const piece =
  /^ *<!-- walk: (?<walk>.*?) -->$|^ *```(?<language>\w*)\n(?<text>[\s\S]*?)^ *```$|^#{1,2} (?<heading>.*)$/gm;

export function parsePage(text: string): Page {
  const blocks: Block[] = [];
  const headings: string[] = [];
  let walk: Walk[] = [];
  for (const { groups = {} } of text.matchAll(piece)) {
    if (groups['walk'] !== undefined) walk.push(groups['walk']);
    else if (groups['heading'] !== undefined) headings.push(groups['heading']);
    else if (isWalked(groups['language'] ?? '')) {
      blocks.push({ language: groups['language'] ?? '', text: unindented(groups['text'] ?? ''), walk });
      walk = [];
    }
  }
  if (walk.length > 0) throw new Error(`Nothing follows the walk's "${walk.join('", "')}".`);
  const [title = '', ...rest] = headings;
  return { title, text, blocks, headings: rest, sets: setsOf(text), uses: usesOf(blocks) };
}

/** Others show what is printed. */
function isWalked(language: string): boolean {
  return language !== 'console' && language !== 'text';
}

function setsOf(text: string): string[] {
  const [, list = ''] = /^Set (.*?)\n\n/ms.exec(text) ?? [];
  return Array.from(list.matchAll(/`([A-Z_]+)`/g), ([, name = '']) => name);
}

function usesOf(blocks: readonly Block[]): string[] {
  const text = blocks.map((block) => block.text).join('\n');
  const making = /^([A-Z_]+)=|\b(?:read -rs|for) ([A-Z_]+)/gm;
  const made = new Set(Array.from(text.matchAll(making), ([, one, other]) => one ?? other));
  const used = new Set(Array.from(text.matchAll(/\$([A-Z_]+)/g), ([, name = '']) => name));
  return Array.from(used).filter((name) => !made.has(name));
}

/** In a list a block is indented. */
function unindented(text: string): string {
  const indent = /^ */.exec(text)?.[0] ?? '';
  return text.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
}
