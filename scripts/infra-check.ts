import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readArguments } from '../local/stack/arguments.ts';
import { ConfigError } from '../shared/config/problem.ts';
import { BicepMissing, findBicep } from './infra/bicep-cli.ts';
import { evaluateInfra, infraFolder, type Evaluation } from './infra/evaluate.ts';
import type { Evaluated } from './infra/evaluated.ts';
import { mutations } from './infra/mutations.ts';
import { createPolicies } from './infra/policies.ts';
import type { Policy } from './infra/policy.ts';

const usage = `Usage: npm run infra:check [-- --update]

Compiles, lints and formats a copy of infra/, evaluates dev and prod offline and compares them with the committed snapshots, and holds them to the
policies of scripts/infra. Then breaks each policy's rule in a copy, and fails where the policy does not see it.

  --update   writes the snapshots; commit them with what changed them
  --help
`;

async function main(): Promise<void> {
  const { values } = readArguments(
    () => parseArgs({ options: { update: { type: 'boolean' }, help: { type: 'boolean' } } }),
    usage,
  );
  const evaluation = await evaluateInfra(await findBicep());
  if (values.update) write(evaluation);
  const policies = createPolicies();
  const { evaluated } = evaluation;
  const problems = [
    ...evaluation.problems,
    ...drift(evaluation),
    ...(evaluated
      ? [...policies.flatMap((policy) => failures(policy, evaluated)), ...unproven(policies, evaluated)]
      : []),
  ];
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
  else console.log(`${policies.length} policies hold, and ${mutations.length} ways to break them are seen.`);
}

function failures({ name, against }: Policy, evaluated: Evaluated): string[] {
  return against(evaluated).map((what) => `Not so: ${name}. ${what}`);
}

/** What was deployed in thought was not what was committed: a change, or another way to write it. */
function drift({ snapshots }: Evaluation): string[] {
  return Array.from(snapshots)
    .filter(([file, text]) => readOrEmpty(join(infraFolder, file)) !== text)
    .map(
      ([file]) =>
        `infra/${file} is not what the templates come to. If that is meant, run "npm run infra:check -- --update", and read its diff.`,
    );
}

function write({ snapshots }: Evaluation): void {
  for (const [file, text] of snapshots) {
    if (readOrEmpty(join(infraFolder, file)) === text) continue;
    writeFileSync(join(infraFolder, file), text);
    console.log(`wrote infra/${file}`);
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Policies that no mutation is about, and mutations that theirs does not see. */
function unproven(policies: readonly Policy[], evaluated: Evaluated): string[] {
  const untried = policies.filter(({ name }) => !mutations.some(({ breaks }) => breaks === name));
  const unseen = mutations.flatMap(({ breaks, by, change }) => {
    const policy = policies.find(({ name }) => name === breaks);
    if (!policy) return [`A mutation is about a policy that there is not: ${breaks}.`];
    const copy = structuredClone(evaluated);
    change(copy);
    return policy.against(copy).length > 0 ? [] : [`Not seen: ${breaks}, though ${by}.`];
  });
  return [...untried.map(({ name }) => `No mutation shows that this can fail: ${name}.`), ...unseen];
}

main().catch((error: unknown) => {
  if (!(error instanceof BicepMissing || error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
});
