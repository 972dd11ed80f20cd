import { parseArgs } from 'node:util';
import { readArguments, refuseArguments } from '../local/stack/arguments.ts';
import { runUntilStopped } from '../local/stack/run.ts';
import { faults } from '../test/faults/rows.ts';
import { runFaults } from '../test/faults/run.ts';
import { toFaultFigures, toFaultTable } from './faults/report.ts';

const usage = `Usage: npm run faults -- [--only TEXT] [--json]

Breaks what the broker stands on, one thing at a time, on a local stack of its own: Entra, Key Vault, storage, the managed
identity, signing keys, clocks, the process. Prints for each what callers saw with everything cached and with nothing cached,
what it cost the upstreams, and how long after its end callers were served. Time is simulated where it can be.

Whatever the fault: no gateway refuses a header set that was handed out, none is without an audit record, each refusal has a
documented code, no answer may be kept by a cache, no secret is printed, the worker lives, and nothing is left.

  --only TEXT  the faults whose name has this text; may be given again
  --json       prints one object with the figures on stdout, instead of a table
  --help

What is wrong is told on stderr. Exits 0 only where nothing is.
`;

const { values } = readArguments(
  () =>
    parseArgs({
      options: {
        only: { type: 'string', multiple: true },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean' },
      },
    }),
  usage,
);
const { only } = values;
const chosen = faults.filter(
  ({ name }) => only?.some((text) => name.toLowerCase().includes(text.toLowerCase())) ?? true,
);
if (chosen.length === 0) refuseArguments(`There are the faults “${faults.map(({ name }) => name).join('”, “')}”.`);

await runUntilStopped(async ({ end, fail }) => {
  const rows = await runFaults(chosen, ({ fault, wrong }) => {
    process.stderr.write(wrong.length === 0 ? '.' : `\n${fault}: ${wrong.join('; ')}\n`);
  });
  process.stderr.write('\n');
  const figures = toFaultFigures(rows);
  process.stdout.write(values.json ? `${JSON.stringify(figures)}\n` : toFaultTable(figures));
  if (figures.violations > 0) fail('A guarantee is broken.');
  end();
});
