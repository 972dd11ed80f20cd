import { randomInt } from 'node:crypto';
import { inspect, parseArgs } from 'node:util';
import { readArguments, refuseArguments } from '../local/stack/arguments.ts';
import { readInputs } from './fuzz/corpus.ts';
import { targets } from './fuzz/targets.ts';
import { searchInThread } from './fuzz/watch.ts';
import type { Found } from './fuzz/worker.ts';

const usage = `Usage: npm run fuzz -- [--minutes N] [--target NAME]... [--seed S]
       npm run fuzz -- --target NAME --repeat FILE

Changes inputs of everything that reads what others wrote, keeps those that reach code which none has reached before, and changes
them further. Whatever is neither read nor refused as documented is written to a file below .fuzz/, and so is what never ends.
The inputs that are worth keeping are in test/fuzz/corpus/; npm test tries them all.

  --minutes N    For each target. Default 1
  --target NAME  Only this one: ${targets.map(({ name }) => name).join(', ')}
  --seed S       The same seed, source and corpus try the same inputs. Default: drawn
  --repeat FILE  Tries the inputs of a file again, and tells what happens
  --help

Exits 0 only where each target was searched to its end, and nothing was found.
`;

const { values } = readArguments(
  () =>
    parseArgs({
      options: {
        minutes: { type: 'string', default: '1' },
        target: { type: 'string', multiple: true, default: [] },
        seed: { type: 'string' },
        repeat: { type: 'string' },
        help: { type: 'boolean' },
      },
    }),
  usage,
);

const minutes = Number(values.minutes);
if (!(minutes > 0)) refuseArguments('--minutes takes a number above 0.');
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
if (!Number.isSafeInteger(seed) || seed < 0) refuseArguments('--seed takes a whole number from 0.');
const chosen = values.target.length === 0 ? targets : values.target.map(findTarget);

process.exitCode = values.repeat === undefined ? await search() : await repeat(values.repeat);

function findTarget(name: string) {
  return targets.find((each) => each.name === name) ?? refuseArguments(`There is no target ${name}.`);
}

async function search(): Promise<number> {
  process.stderr.write(`seed ${seed}\n`);
  let [crashes, unfinished] = [0, 0];
  for (const { name } of chosen) {
    const outcome = await searchInThread({ target: name, minutes, seed }, ({ inputs, kept, crashes: found }) => {
      process.stderr.write(`${name}: ${inputs} inputs, ${kept} kept, ${found.length} crashes\n`);
    });
    process.stdout.write(
      `${name}: ${outcome.inputs} inputs, ${outcome.kept} kept, ${outcome.crashes.length} crashes\n`,
    );
    for (const crash of outcome.crashes) process.stderr.write(describe(name, crash));
    if (outcome.lost !== undefined) process.stderr.write(`${name} was not searched to its end: ${outcome.lost}\n`);
    crashes += outcome.crashes.length;
    unfinished += outcome.lost === undefined ? 0 : 1;
  }
  return crashes + unfinished === 0 ? 0 : 1;
}

function describe(target: string, { file, error }: Found): string {
  return `\n${error}\n  npm run fuzz -- --target ${target} --repeat ${file}\n`;
}

async function repeat(file: string): Promise<number> {
  const [target, ...others] = chosen;
  if (!target || others.length > 0) return refuseArguments('--repeat takes one --target.');
  let crashes = 0;
  for (const input of readInputs(file)) {
    try {
      await target.attempt(input);
    } catch (error) {
      crashes += 1;
      process.stderr.write(`${JSON.stringify(input)}\n${inspect(error)}\n`);
    }
  }
  process.stdout.write(`${crashes} crashes\n`);
  return crashes === 0 ? 0 : 1;
}
