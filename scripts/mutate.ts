import { parseArgs } from 'node:util';
import { readArguments, refuseArguments } from '../local/stack/arguments.ts';
import { areas } from './mutate/areas.ts';
import { percentOf, toTable } from './mutate/report.ts';
import { mutateArea, type Outcome } from './mutate/run.ts';

const usage = `Usage: npm run mutate [-- --area NAME] [--incremental]

Changes the code in a copy, one thing at a time, and runs on each change the tests that must notice it. Prints each change
that none noticed, and a table of files. The areas: ${areas.map(({ name }) => name).join(', ')}.

  --area NAME    only this area; may be given again
  --incremental  keeps what came of it in .stryker/, and tries only what is new since the last time, or has new tests
  --help

Exits 0 only where each area has as many noticed as it must: ${areas.map(({ name, least }) => `${name} ${least} %`).join(', ')}.
`;

const { values } = readArguments(
  () =>
    parseArgs({
      options: {
        area: { type: 'string', multiple: true },
        incremental: { type: 'boolean', default: false },
        help: { type: 'boolean' },
      },
    }),
  usage,
);
const unknown = values.area?.find((name) => !areas.some((area) => area.name === name));
if (unknown !== undefined) refuseArguments(`There are the areas “${areas.map(({ name }) => name).join('”, “')}”.`);

const outcomes: Outcome[] = [];
for (const area of areas) {
  if (values.area?.includes(area.name) ?? true) outcomes.push(await mutateArea(area, values.incremental));
}
for (const { area, least, rows } of outcomes) {
  process.stdout.write(`\n${area}\n\n${toTable(rows)}`);
  if (percentOf(rows) >= least) continue;
  process.stderr.write(`Fewer than ${least} % of the changes to ${area} are noticed.\n`);
  process.exitCode = 1;
}
