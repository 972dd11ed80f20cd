import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bicep } from './bicep-cli.ts';
import { readSnapshot, toStableText, type Environment, type Evaluated } from './evaluated.ts';
import { isMembers } from './members.ts';

export const infraFolder = join(import.meta.dirname, '../../infra');
const environmentNames = ['dev', 'prod'] as const;

/** Whoever evaluates needs a place to be in; nothing is deployed there. */
const imagined = [
  ['--tenant-id', '7d0a1d53-6a4c-4c60-9d0f-3a1f2a5b6c7d'],
  ['--subscription-id', '11111111-1111-4111-8111-111111111111'],
  ['--resource-group', 'rg-broker'],
  ['--location', 'swedencentral'],
].flat();

/** What evaluating came to. */
export type Evaluation = {
  /** What the compiler, the linter and the formatter find. */
  readonly problems: readonly string[];
  /** Absent where it does not compile. */
  readonly evaluated: Evaluated | undefined;
  /** What the committed snapshots should be, by file. */
  readonly snapshots: ReadonlyMap<string, string>;
};

/** Compiles, lints, formats and evaluates a copy of `folder`, and leaves the folder itself as it is. */
export async function evaluateInfra(bicep: Bicep, folder = infraFolder): Promise<Evaluation> {
  const copy = mkdtempSync(join(tmpdir(), 'broker-infra-'));
  try {
    cpSync(folder, copy, { recursive: true });
    const [linted, built] = await Promise.all([
      lint(bicep, copy),
      bicep.run('build', join(copy, 'main.bicep'), '--stdout'),
    ]);
    if (!built.ok) {
      // The linter has said why, in most cases.
      const problems = linted.length > 0 ? linted : [`infra/main.bicep does not compile: ${built.stderr.trim()}`];
      return { problems, evaluated: undefined, snapshots: new Map() };
    }
    const taken = await Promise.all(environmentNames.map((name) => takeSnapshot(bicep, copy, name)));
    const snapshots = new Map(taken.flatMap(({ file, text }) => (text === undefined ? [] : [[file, text] as const])));
    const said = taken.flatMap(({ problems }) => problems);
    const problems = unique([...linted, ...said, ...(await format(bicep, folder, copy))]);
    const isWhole = snapshots.size === taken.length;
    return { problems, evaluated: isWhole ? toEvaluated(built.stdout, copy, snapshots) : undefined, snapshots };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

async function takeSnapshot(bicep: Bicep, folder: string, name: string) {
  const file = `${name}.snapshot.json`;
  const source = join(folder, `${name}.bicepparam`);
  const { ok, stderr } = await bicep.run('snapshot', source, '--mode', 'overwrite', ...imagined);
  const problems = diagnosticsIn(stderr, folder);
  if (ok) return { file, problems, text: toStableText(readFileSync(join(folder, file), 'utf8')) };
  return {
    file,
    problems: problems.length > 0 ? problems : [`${name} cannot be evaluated: ${stderr.trim()}`],
    text: undefined,
  };
}

function toEvaluated(compiled: string, folder: string, snapshots: ReadonlyMap<string, string>): Evaluated {
  const template: unknown = JSON.parse(compiled);
  const environments = environmentNames.map((name): Environment => ({
    name,
    config: readFileSync(join(folder, 'config', `${name}.json`), 'utf8'),
    ...readSnapshot(snapshots.get(`${name}.snapshot.json`) ?? '{}'),
  }));
  const sources = new Map(bicepFiles(folder).map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
  return { template: isMembers(template) ? template : {}, environments, sources };
}

function bicepFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.bicep(param)?$/.test(path))
    .toSorted();
}

/** Every rule is an error in `bicepconfig.json`; a warning of the compiler's is one here. */
async function lint(bicep: Bicep, folder: string): Promise<string[]> {
  const { ok, stdout, stderr } = await bicep.run('lint', '--pattern', join(folder, '**/*.bicep'));
  const found = diagnosticsIn(`${stdout}\n${stderr}`, folder);
  return ok || found.length > 0 ? found : [`bicep lint failed: ${stderr.trim()}`];
}

/** The CLI has no check of its own: the copy is formatted, and compared. */
async function format(bicep: Bicep, folder: string, copy: string): Promise<string[]> {
  for (const pattern of ['**/*.bicep', '*.bicepparam']) await bicep.run('format', '--pattern', join(copy, pattern));
  const differs = (path: string) => readFileSync(join(folder, path), 'utf8') !== readFileSync(join(copy, path), 'utf8');
  return bicepFiles(folder)
    .filter(differs)
    .map((path) => `infra/${path} is not formatted: run "bicep format infra/${path}".`);
}

/** `…/main.bicep(1,2) : Error …`, with the path as it is in the project. */
function diagnosticsIn(text: string, folder: string): string[] {
  return unique(text.split(/\r?\n/).filter((line) => /\(\d+,\d+\) : (Error|Warning|Info) /.test(line))).map((line) =>
    line.replace(`${folder}/`, 'infra/').replace(`/private${folder}/`, 'infra/'),
  );
}

function unique(lines: readonly string[]): string[] {
  return Array.from(new Set(lines));
}
