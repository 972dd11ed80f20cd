import { knownLicences } from '../../scripts/package/bundled.ts';
import { nameOf, runsAtInstall, type Project } from './project.ts';

/** Each gives what does not keep to it. */
type Rule = (project: Project) => string[];

const exact = /^\d+\.\d+\.\d+$/;
const places = ({ lock }: Project) => Object.entries(lock);

/** What runs the workflows, and what the broker runs on. */
const isForLinux = ({ os = ['linux'], cpu = ['x64', 'arm64'], libc = ['glibc'] }: Project['lock'][string]) =>
  os.includes('linux') && libc.includes('glibc') && cpu.some((each) => each === 'x64' || each === 'arm64');

const exactVersions: Rule = ({ manifest }) =>
  Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).flatMap(([name, version]) =>
    exact.test(version) ? [] : `${name} is ${version}`,
  );

const fromRegistry: Rule = (project) =>
  places(project).flatMap(([place, { version, resolved, link }]) =>
    resolved === undefined && !link && /^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version) ? [] : `${place} is from elsewhere`,
  );

/** The lock file lacks the hashes of some packages for other machines: npm leaves out what it has not installed itself. */
const hashed: Rule = (project) =>
  places(project).flatMap(([place, locked]) => {
    const { integrity, dev = false, optional = false } = locked;
    if (integrity === undefined) {
      return dev && optional && !isForLinux(locked) ? [] : `${place} has no hash`;
    }
    return /^sha512-[\w+/]{86}==$/.test(integrity) ? [] : `${place} has another hash than SHA-512`;
  });

const scriptsNamed: Rule = (project) => {
  const { allowScripts } = project.manifest;
  const running = places(project).filter(([place, { hasInstallScript }]) => hasInstallScript ?? runsAtInstall(place));
  const names = new Set(running.map(([place]) => nameOf(place)));
  return [
    ...Array.from(names).flatMap((name) => (name in allowScripts ? [] : `${name} is not named`)),
    ...Object.keys(allowScripts).flatMap((name) => (names.has(name) ? [] : `${name} has no script`)),
  ];
};

const scriptsRefused: Rule = ({ manifest, npmrc }) => {
  const allowed = Object.entries(manifest.allowScripts).flatMap(([name, isAllowed]) => (isAllowed ? name : []));
  return [
    ...allowed.filter((name) => name !== 'node').map((name) => `${name} may run`),
    ...(/^strict-allow-scripts=true$/m.test(npmrc) ? [] : ['npm runs what is not named']),
  ];
};

const listOf = (value: unknown) => (typeof value === 'string' ? value.split(',').map((each) => each.trim()) : []);

/** SPDX, as far as packages use it: one of several, or all of several. */
const isAmong = (allowed: ReadonlySet<string>, expression: string) =>
  expression
    .replaceAll(/[()]/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((id) => allowed.has(id)));

const licencesAllowed: Rule = (project) => {
  const allowed = new Set(listOf(project.review['allow-licenses']));
  const excepted = new Set(listOf(project.review['allow-dependencies-licenses']));
  return places(project).flatMap(([place, { license = '(none)' }]) =>
    isAmong(allowed, license) || excepted.has(`pkg:npm/${nameOf(place)}`) ? [] : `${place} is under ${license}`,
  );
};

/** A licence that nobody uses any more would let in a package that nobody has looked at. */
const licencesUsed: Rule = (project) => {
  const used = new Set(places(project).flatMap(([, { license = '' }]) => license.match(/[\w.-]+/g) ?? []));
  const names = new Set(places(project).map(([place]) => `pkg:npm/${nameOf(place)}`));
  return [
    ...listOf(project.review['allow-licenses']).filter((id) => !used.has(id) && !knownLicences.has(id)),
    ...listOf(project.review['allow-dependencies-licenses']).filter((purl) => !names.has(purl)),
    ...Array.from(knownLicences).filter((id) => !listOf(project.review['allow-licenses']).includes(id)),
  ];
};

const reviewed: Rule = ({ review }) =>
  review['fail-on-severity'] === 'moderate' && review['fail-on-scopes'] === 'runtime, development, unknown'
    ? []
    : ['the review lets vulnerable packages in'];

export const rules = {
  'every dependency is an exact version': exactVersions,
  'every package is a release of the registry, by its version': fromRegistry,
  'every package that Linux installs is checked by its SHA-512': hashed,
  'every install script is named, and none that there is not': scriptsNamed,
  'no install script runs but that of node': scriptsRefused,
  'every licence is one that the review allows, or a package’s that it names': licencesAllowed,
  'the review allows what is bundled, and nothing that nobody uses': licencesUsed,
  'the review refuses what is vulnerable, wherever it is used': reviewed,
} as const satisfies Readonly<Record<string, Rule>>;
