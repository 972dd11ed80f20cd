import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs, promisify } from 'node:util';
import { readArguments, readCount, refuseArguments } from '../local/stack/arguments.ts';
import { replay, type Outcome } from './scale/replay.ts';
import { findMissing, toTable, variants } from './scale/report.ts';
import { scenarios, type Scenario } from './scale/scenarios.ts';

const usage = `Usage: npm run simulate:scale -- [--instances N] [--clients N] [--apis N] [--every SECONDS] [--simulated N] [--scenario NAME] [--variant NAME]
       [--seed S] [--check PAGE]

Lives through a scale-out, a steady state, a mass refresh and an outage of the vault, with the broker's own caches over a vault and a tenant in
memory and a simulated clock, and counts what both are asked. Prints a table for each, in Markdown; docs/scale.md says how to read them.

  --instances N      Default 1000
  --clients N        Client secrets in the vault, shared evenly by the APIs. Default 100
  --apis N           Each has a subscription and a scope of its own, so a key in the vault and a token. Default 500
  --every SECONDS    Between two hand-outs for one API at one instance, in the mean. Default 30
  --simulated N      How many instances are lived through, each for as many as it takes to make all. Default 10
  --scenario NAME    One alone: ${scenarios.map(({ name }) => name).join(', ')}
  --variant NAME     One alone: ${variants.map(({ name }) => name).join('; ')}
  --seed S           The same seed gives the same tables. Default 1
  --check PAGE       Prints nothing, and exits 1 unless every line stands in that page
  --help

Progress goes to stderr.
`;

const text = (fallback: string) => ({ type: 'string', default: fallback }) as const;
const { values } = readArguments(
  () =>
    parseArgs({
      options: {
        instances: text('1000'),
        clients: text('100'),
        apis: text('500'),
        every: text('30'),
        simulated: text('10'),
        seed: text('1'),
        scenario: { type: 'string' },
        variant: { type: 'string' },
        check: { type: 'string' },
        help: { type: 'boolean' },
      },
    }),
  usage,
);
const size = {
  instances: readCount('instances', values.instances),
  clients: readCount('clients', values.clients),
  apis: readCount('apis', values.apis),
};
if (size.clients > size.apis) refuseArguments('--clients is more than --apis: each client needs an API.');
const chosen = variants.filter(({ name }) => values.variant === undefined || name === values.variant);
if (chosen.length === 0) refuseArguments(`--variant is one of ${variants.map(({ name }) => name).join('; ')}.`);
const options = {
  size,
  simulated: Math.min(size.instances, readCount('simulated', values.simulated)),
  everyMs: readCount('every', values.every) * 1_000,
  seed: readCount('seed', values.seed),
};

// An error's stack is of no use here, and takes most of the time of a storm.
Error.stackTraceLimit = 0;
const report = values.scenario === undefined ? await reportAll() : await reportOne(named(values.scenario));
if (values.check === undefined) process.stdout.write(report);
else check(values.check);

function named(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  return found ?? refuseArguments(`--scenario is one of ${scenarios.map((scenario) => scenario.name).join(', ')}.`);
}

/** Each in a process of its own, as many at once as there are cores. */
async function reportAll(): Promise<string> {
  const { check: _check, ...own } = values;
  const given = Object.entries(own).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const tables = new Map<Scenario, string>();
  const waiting = scenarios.values();
  const work = async () => {
    for (const scenario of waiting) {
      const command = [import.meta.filename, ...given, '--scenario', scenario.name];
      const { stdout, stderr } = await promisify(execFile)(process.execPath, command);
      process.stderr.write(stderr);
      tables.set(scenario, stdout);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return scenarios.map((scenario) => tables.get(scenario)).join('\n');
}

async function reportOne(scenario: Scenario): Promise<string> {
  return toTable(scenario, await liveThrough(scenario));
}

async function liveThrough(scenario: Scenario): Promise<ReadonlyMap<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  for (const { name, cures } of chosen) {
    process.stderr.write(`${scenario.name}, ${name}\n`);
    outcomes.set(name, await replay(scenario, cures, options));
  }
  return outcomes;
}

function check(page: string): void {
  const missing = findMissing(report, readFileSync(page, 'utf8'));
  if (missing.length === 0) return;
  process.stderr.write(`Not in ${page}:\n${missing.join('\n')}\n`);
  process.exitCode = 1;
}
