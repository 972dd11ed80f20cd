import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { bundles } from '../bundle-options.ts';
import type { Bundled } from './bundled.ts';

const legal = /^(licen[cs]e|notice|copying)(\.\w+)?$/i;
const line = '-'.repeat(80);

/** The licences and notices of what is in the bundles, which they ask to be handed on with them. Throws for a package that has none. */
export function thirdPartyLicences(packages: readonly Bundled[], root: string): string {
  const parts = packages.map((bundled) => {
    const heading = `${line}\n${bundled.name} ${bundled.version} (${bundled.licence})\n${line}\n\n`;
    return heading + textsOf(bundled, root).join('\n');
  });
  return `Parts of these packages are in ${bundles.join(' and ')}.\n\n${parts.join('\n')}`;
}

function textsOf({ place, name }: Bundled, root: string): string[] {
  const folder = join(root, place);
  const files = readdirSync(folder)
    .filter((file) => legal.test(file))
    .toSorted();
  if (files.length === 0) {
    throw new Error(`${name} is in a bundle and has no file with its licence. Find its text, and add it here.`);
  }
  return files.map((file) => `${readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim()}\n`);
}
