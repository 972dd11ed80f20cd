import { hash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../test/fuzz/corpus');
const crashes = join(import.meta.dirname, '../../.fuzz');
const fileOf = (target: string) => join(folder, `${target}.jsonl`);

/** The inputs that are kept for a target: one JSON text in each line. */
export function readCorpus(target: string): string[] {
  const file = fileOf(target);
  return existsSync(file) ? parseLines(readFileSync(file, 'utf8')) : [];
}

export function writeCorpus(target: string, inputs: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(target), inputs.map((input) => `${JSON.stringify(input)}\n`).join(''));
}

/** Writes down an input that breaks something. @returns the file, by which it can be tried again. */
export function writeCrash(target: string, input: string): string {
  mkdirSync(crashes, { recursive: true });
  const file = join(crashes, `${target}-${hash('sha256', input).slice(0, 12)}.jsonl`);
  writeFileSync(file, `${JSON.stringify(input)}\n`);
  return file;
}

/** The inputs of a file that `writeCrash` wrote. */
export function readInputs(file: string): string[] {
  return parseLines(readFileSync(file, 'utf8'));
}

function parseLines(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => String(JSON.parse(line)));
}
