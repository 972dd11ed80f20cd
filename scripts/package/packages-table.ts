import { bundles } from '../bundle-options.ts';
import { bundleInMemory } from '../build.ts';
import { bundledPackages, readLock } from './bundled.ts';

/** The part of `docs/dependencies.md` that lists what is in the bundles, and under which licence. */
export async function renderPackagesTable(root: string): Promise<string> {
  const { metafile } = await bundleInMemory();
  const packages = bundledPackages(metafile, bundles, readLock(root));
  const rows = packages.map(({ name, version, licence }) => `| \`${name}\` | ${version} | ${licence} |`);
  return ['| package | version | licence |', '| --- | --- | --- |', ...rows].join('\n');
}
