import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Bicep } from '../../../scripts/infra/bicep-cli.ts';
import { evaluateInfra, infraFolder } from '../../../scripts/infra/evaluate.ts';

type Ran = Awaited<ReturnType<Bicep['run']>>;

const fine: Ran = { ok: true, stdout: '{}', stderr: '' };
const snapshot = JSON.stringify({ predictedResources: [], diagnostics: [], outputs: {} });
let folder = '';
let copies: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'broker-infra-test-'));
  cpSync(infraFolder, folder, { recursive: true });
  copies = [];
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Stands in for the CLI: does what a command does to the files, and answers what a test says. */
function createBicep(answers: Readonly<Record<string, (file: string) => Ran>> = {}): Bicep {
  return {
    run: async (command = '', ...args) => {
      const file = args.find((each) => each.startsWith('/')) ?? '';
      copies.push(dirname(file.replace('/**/*.bicep', '/x')));
      if (command === 'snapshot') writeFileSync(file.replace('.bicepparam', '.snapshot.json'), snapshot);
      return answers[command]?.(file) ?? fine;
    },
  };
}

const evaluate = (answers?: Parameters<typeof createBicep>[0]) => evaluateInfra(createBicep(answers), folder);

describe('evaluating', () => {
  test('finds nothing where nothing is said', async () => {
    const { problems, evaluated, snapshots } = await evaluate();
    expect(problems).toEqual([]);
    expect(evaluated?.environments.map(({ name }) => name)).toEqual(['dev', 'prod']);
    expect([...snapshots.keys()]).toEqual(['dev.snapshot.json', 'prod.snapshot.json']);
  });

  test('takes a warning for a problem, though the CLI ends well, and tells its place in the project', async () => {
    const warn = (file: string) => ({
      ...fine,
      stderr: `${dirname(file.replace('/**/*.bicep', '/x'))}/main.bicep(1,2) : Warning BCP081: no types`,
    });
    expect((await evaluate({ lint: warn })).problems).toEqual(['infra/main.bicep(1,2) : Warning BCP081: no types']);
  });

  test.each<[string, string, RegExp]>([
    ['build', 'the linter says nothing', /^infra\/main\.bicep does not compile: no disk$/],
    ['snapshot', 'nothing is said of where', /^dev cannot be evaluated: no disk$/],
    ['lint', 'nothing is found', /^bicep lint failed: no disk$/],
  ])('fails where %s fails, also where %s', async (command, _where, problem) => {
    const { problems } = await evaluate({ [command]: () => ({ ok: false, stdout: '', stderr: 'no disk' }) });
    expect(problems).toEqual(expect.arrayContaining([expect.stringMatching(problem)]));
  });

  test('tells a file that the formatter would change, and leaves it as it is', async () => {
    const before = readFileSync(join(folder, 'main.bicep'), 'utf8');
    const format = (file: string) => {
      const main = join(dirname(file.replace('/**/*.bicep', '/x')), 'main.bicep');
      writeFileSync(main, readFileSync(main, 'utf8').replaceAll('  ', ' '));
      return fine;
    };
    expect((await evaluate({ format })).problems).toEqual([
      'infra/main.bicep is not formatted: run "bicep format infra/main.bicep".',
    ]);
    expect(readFileSync(join(folder, 'main.bicep'), 'utf8')).toBe(before);
  });

  test('leaves no copy behind', async () => {
    await evaluate();
    expect(copies).not.toHaveLength(0);
    expect(new Set(copies)).not.toContain(folder);
    expect(copies.filter((copy) => existsSync(copy))).toEqual([]);
  });
});
