import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, readWorkflow } from '../workflows/workflow.ts';

/** What package-lock.json says of a package, of what is looked at here. */
type Locked = {
  readonly version: string;
  readonly license?: string | undefined;
  readonly integrity?: string | undefined;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
};

/** All that says which packages come in, and what they may do. */
export type Project = {
  readonly manifest: {
    readonly dependencies: Readonly<Record<string, string>>;
    readonly devDependencies: Readonly<Record<string, string>>;
    readonly allowScripts: Readonly<Record<string, boolean>>;
  };
  /** By place: `node_modules/a`. */
  readonly lock: Readonly<Record<string, Locked>>;
  readonly npmrc: string;
  /** What the dependency review is told. */
  readonly review: Readonly<Record<string, unknown>>;
};

const read = (file: string) => readFileSync(join(root, file), 'utf8');

export function readProject(): Project {
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Project['lock'] };
  const steps = readWorkflow('.github/workflows/ci.yml').jobs['dependencies']?.steps ?? [];
  const review = steps.find(({ uses = '' }) => uses.startsWith('actions/dependency-review-action@'));
  return {
    manifest: JSON.parse(read('package.json')) as Project['manifest'],
    lock: Object.fromEntries(Object.entries(packages).filter(([place]) => place !== '')),
    npmrc: read('.npmrc'),
    review: review?.with ?? {},
  };
}

/** The name that a package is published by, or is an alias of. */
export const nameOf = (place: string): string => place.slice(place.lastIndexOf('node_modules/') + 13);

/** Whether an installed package has a script that runs as it is installed, whatever the lock file says of it. */
export function runsAtInstall(place: string): boolean {
  const folder = join(root, place);
  if (!existsSync(join(folder, 'package.json'))) return false;
  const { scripts = {} } = JSON.parse(read(join(place, 'package.json'))) as { scripts?: Record<string, string> };
  // npm runs node-gyp where there is a binding.gyp and no script.
  return (
    existsSync(join(folder, 'binding.gyp')) || ['preinstall', 'install', 'postinstall'].some((name) => name in scripts)
  );
}
