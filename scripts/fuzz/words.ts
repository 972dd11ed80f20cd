import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** The short texts in our own source: an input that has none of them is refused at the first comparison. */
export function readWords(): string[] {
  const sources = globSync('{shared,client}/**/*.ts', { cwd: root, exclude: ['shared/http/dashboard/**'] });
  const texts = sources.toSorted().flatMap((file) => {
    const literals = readFileSync(join(root, file), 'utf8').matchAll(/'([^'\n]{1,40})'/g);
    return Array.from(literals, ([, text = '']) => text);
  });
  return Array.from(new Set(texts.filter((text) => !text.endsWith('.ts'))));
}
