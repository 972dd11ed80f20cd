import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { root, workflowFiles } from '../workflows/workflow.ts';
import { readProject, type Project } from './project.ts';
import { rules } from './rules.ts';

const project = readProject();
type RuleName = keyof typeof rules;

test.each(Object.entries(rules))('%s', (_name, rule) => {
  expect(rule(project)).toEqual([]);
});

const withDependency = (name: string, version: string): Project => ({
  ...project,
  manifest: { ...project.manifest, dependencies: { ...project.manifest.dependencies, [name]: version } },
});
const withScripts = (allowScripts: Record<string, boolean>): Project => ({
  ...project,
  manifest: { ...project.manifest, allowScripts },
});
const withLocked = (place: string, changes: Partial<Project['lock'][string]>): Project => ({
  ...project,
  lock: {
    ...project.lock,
    [place]: { version: '1.0.0', license: 'MIT', integrity: sha512, ...project.lock[place], ...changes },
  },
});
const withReview = (changes: Project['review']): Project => ({ ...project, review: { ...project.review, ...changes } });
const sha512 = `sha512-${'A'.repeat(86)}==`;
const { esbuild: _esbuild, ...lessScripts } = project.manifest.allowScripts;

describe('a rule is broken by', () => {
  test.each<[string, RuleName, Project]>([
    ['a range', 'every dependency is an exact version', withDependency('jose', '^6.2.18')],
    ['a tag', 'every dependency is an exact version', withDependency('jose', 'latest')],
    ['a repository', 'every dependency is an exact version', withDependency('jose', 'github:panva/jose')],
    [
      'an address in the lock file',
      'every package is a release of the registry, by its version',
      withLocked('node_modules/jose', { resolved: 'https://registry.example/jose.tgz' }),
    ],
    [
      'a folder in place of a package',
      'every package is a release of the registry, by its version',
      withLocked('node_modules/x', { link: true }),
    ],
    [
      'a package without a hash',
      'every package that Linux installs is checked by its SHA-512',
      withLocked('node_modules/jose', { integrity: undefined }),
    ],
    [
      'an optional one for the machines that build',
      'every package that Linux installs is checked by its SHA-512',
      withLocked('node_modules/x', { integrity: undefined, dev: true, optional: true, os: ['linux'], cpu: ['x64'] }),
    ],
    [
      'a weaker hash',
      'every package that Linux installs is checked by its SHA-512',
      withLocked('node_modules/jose', { integrity: 'sha1-AAAA' }),
    ],
    [
      'an install script that is not named',
      'every install script is named, and none that there is not',
      withScripts(lessScripts),
    ],
    [
      'another that comes in',
      'every install script is named, and none that there is not',
      withLocked('node_modules/x', { hasInstallScript: true }),
    ],
    [
      'a name that no script has',
      'every install script is named, and none that there is not',
      withScripts({ ...project.manifest.allowScripts, jose: false }),
    ],
    [
      'another script that may run',
      'no install script runs but that of node',
      withScripts({ ...project.manifest.allowScripts, esbuild: true }),
    ],
    ['npm as it is by itself', 'no install script runs but that of node', { ...project, npmrc: '' }],
    [
      'a licence that nobody has looked at',
      'every licence is one that the review allows, or a package’s that it names',
      withLocked('node_modules/jose', { license: 'MIT AND AGPL-3.0-only' }),
    ],
    [
      'no licence',
      'every licence is one that the review allows, or a package’s that it names',
      withLocked('node_modules/jose', { license: undefined }),
    ],
    [
      'a licence that is left over',
      'the review allows what is bundled, and nothing that nobody uses',
      withReview({ 'allow-licenses': `${String(project.review['allow-licenses'])}, GPL-3.0-only` }),
    ],
    [
      'a review without severity',
      'the review refuses what is vulnerable, wherever it is used',
      withReview({ 'fail-on-severity': 'critical' }),
    ],
    [
      'a review of what runs alone',
      'the review refuses what is vulnerable, wherever it is used',
      withReview({ 'fail-on-scopes': 'runtime' }),
    ],
  ])('%s', (_what, name, broken) => {
    expect(rules[name](broken)).toHaveLength(1);
  });
});

test('the review is told nothing that these rules do not hold', () => {
  const known = ['fail-on-severity', 'fail-on-scopes', 'allow-licenses', 'allow-dependencies-licenses'];
  expect(Object.keys(project.review)).toEqual(known);
});

test.each([...workflowFiles, 'azure-pipelines.yml', '.ci/run'])(
  '%s installs what the lock file names, and fetches no package in another way',
  (file) => {
    const text = readFileSync(join(root, file), 'utf8');
    expect(text).not.toMatch(/\bnpx\b|\bnpm (?:i|install|add|exec|update)\b|\b(?:yarn|pnpm|corepack)\b/);
  },
);
