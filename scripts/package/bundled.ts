import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** What package-lock.json knows of an installed package. */
type Locked = {
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  /** Those that a package uses where somebody else has installed them. */
  readonly peerDependencies?: Readonly<Record<string, string>>;
  /** Some are named here alone. */
  readonly peerDependenciesMeta?: Readonly<Record<string, object>>;
};

/** A package of which there is something in a bundle. */
export type Bundled = {
  /** Where it is installed: `node_modules/a`, `node_modules/a/node_modules/b`. */
  readonly place: string;
  readonly name: string;
  readonly version: string;
  /** An SPDX identifier. */
  readonly licence: string;
  /** Base64, of the archive that the registry serves. */
  readonly sha512: string;
  /** The places of the bundled packages that it depends on. */
  readonly dependsOn: readonly string[];
};

/** Licences that ask for their text to be handed on, and for nothing else. A package under another must be looked at before it is bundled. */
export const knownLicences: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
]);

type Lock = Readonly<Record<string, Locked>>;

export function readLock(root: string): Lock {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Lock };
  return packages;
}

/**
 * The packages that the bundles are made of, by place. Throws for one that the lock file does not know, that has no SHA-512, or whose licence is not among
 * those that are known.
 */
export function bundledPackages(metafile: Metafile, outputs: readonly string[], lock: Lock): Bundled[] {
  const places = placesOf(metafile, outputs);
  return Array.from(places, (place) => describe(place, places, lock));
}

/** The packages that the app itself depends on, by place. */
export function directPlaces(lock: Lock, bundled: readonly Bundled[]): string[] {
  const places = new Set(bundled.map(({ place }) => place));
  return dependenciesOf('', lock[''], places);
}

const packagePlace = /(?:^|\/)(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//;

function placesOf({ outputs }: Metafile, names: readonly string[]): Set<string> {
  const inputs = names.flatMap((name) => {
    const own = Object.keys(outputs[name]?.inputs ?? {});
    if (own.length === 0) throw new Error(`The build says nothing of what ${name} is made of.`);
    return own;
  });
  // Where node_modules is a link, the paths lead out of the project to wherever it is.
  const places = inputs.flatMap((path) => packagePlace.exec(path)?.[1] ?? []);
  return new Set(places.toSorted());
}

function describe(place: string, places: ReadonlySet<string>, lock: Lock): Bundled {
  const locked = lock[place];
  const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
  if (!locked) throw new Error(`${name} is in a bundle and not in package-lock.json. Run "npm ci".`);
  const { version, license: licence, integrity = '' } = locked;
  if (licence === undefined || !knownLicences.has(licence)) {
    throw new Error(
      `${name} ${version} is in a bundle under the licence ${licence ?? '(none)'}. See whether it may be, and add it to scripts/package/bundled.ts.`,
    );
  }
  const sha512 = /^sha512-(\S+)$/.exec(integrity)?.[1];
  if (sha512 === undefined) throw new Error(`package-lock.json has no SHA-512 of ${name}. Run "npm install".`);
  return { place, name, version, licence, sha512, dependsOn: dependenciesOf(place, locked, places) };
}

function dependenciesOf(place: string, locked: Locked | undefined, places: ReadonlySet<string>): string[] {
  const names = Object.keys({ ...locked?.dependencies, ...locked?.peerDependencies, ...locked?.peerDependenciesMeta });
  return names.flatMap((name) => resolve(place, name, places) ?? []).toSorted();
}

/** As Node.js does: in the package's own folder first, then in those around it. */
function resolve(from: string, name: string, places: ReadonlySet<string>): string | undefined {
  const candidate = from === '' ? `node_modules/${name}` : `${from}/node_modules/${name}`;
  if (places.has(candidate)) return candidate;
  if (from === '') return undefined;
  const around = from.lastIndexOf('/node_modules/');
  return resolve(around < 0 ? '' : from.slice(0, around), name, places);
}
