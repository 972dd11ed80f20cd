import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { readArguments, refuseArguments } from '../local/stack/arguments.ts';
import { runUntilStopped, type Run } from '../local/stack/run.ts';
import { groups, isPossible } from '../test/attacks/groups.ts';
import { runGroups, type Failure } from '../test/attacks/run.ts';
import { proveAll } from './attack/prove.ts';
import { toFigures, toProofTable, toTable } from './attack/report.ts';
import { sabotages } from './attack/sabotages.ts';
import { chromiumAdvice } from './screenshots/chromium.ts';

const usage = `Usage: npm run attack -- [--group NAME] [--json]
       npm run attack -- --sabotage [--group NAME] [--json]

Attacks the whole app, over sockets, on a local stack of its own: forged tokens, confused claims, paths, headers, methods,
policy, the operators' routes, what refusals tell, pages of other origins and markup in Chromium, floods. Each attack must get exactly its status and code, nothing of
itself back, nothing that a cache may keep, and no upstream request; it must leave one audit record where one is due, no
secret in any output, and nothing in memory.

  --group NAME  only this group; may be given again
  --sabotage    takes each of ${sabotages.length} defences away, one at a time, in a temporary copy of this repository, and runs the attacks
                that must notice; with --group, those that this group must notice
  --json        prints one object with the figures on stdout, instead of a table
  --help

What comes through is told on stderr. Exits 0 only where nothing came through; with --sabotage, only where each defence
was missed.
`;

const { values } = readArguments(
  () =>
    parseArgs({
      options: {
        group: { type: 'string', multiple: true },
        sabotage: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean' },
      },
    }),
  usage,
);
const wanted = groups.filter(({ name }) => values.group?.includes(name) ?? true);
const chosen = wanted.filter(isPossible);
const unknown = values.group?.find((name) => !groups.some((group) => group.name === name));
if (unknown !== undefined) refuseArguments(`There are the groups “${groups.map(({ name }) => name).join('”, “')}”.`);
for (const { name } of wanted) {
  if (!chosen.some((group) => group.name === name)) process.stderr.write(`Left out: ${name}. ${chromiumAdvice}\n`);
}

await runUntilStopped(async (run) => {
  await (values.sabotage ? sabotage(run) : attack(run));
  run.end();
});

async function attack({ fail }: Run): Promise<void> {
  const failures: Failure[] = [];
  await runGroups(chosen, (failure) => {
    failures.push(failure);
    process.stderr.write(`${failure.group}: ${failure.attack}: ${failure.wrong.join('; ')}\n`);
  });
  const figures = toFigures(chosen, failures);
  process.stdout.write(values.json ? `${JSON.stringify(figures)}\n` : toTable(figures));
  if (failures.length > 0) fail(`${failures.length} of ${figures.cases} attacks came through.`);
}

async function sabotage({ cleanup, fail }: Run): Promise<void> {
  const proofs = await proveAll(cleanup, {
    sabotages: sabotages.filter((each) => chosen.some(({ name }) => each.groups.includes(name))),
    copies: availableParallelism(),
    onProof: ({ defence, outcome }) => process.stderr.write(`${outcome}: ${defence}\n`),
  });
  process.stdout.write(values.json ? `${JSON.stringify({ rows: proofs })}\n` : toProofTable(proofs));
  const others = proofs.filter(({ outcome }) => outcome !== 'caught');
  if (others.length > 0) fail(`${others.length} of ${proofs.length} defences can be taken away unnoticed.`);
}
