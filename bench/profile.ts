import { mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readArguments, readCount } from '../local/stack/arguments.ts';
import { runUntilStopped } from '../local/stack/run.ts';
import { costOf } from './profile-cost.ts';
import { serveBroker } from './subjects/served.ts';

const usage = `Usage: npm run profile [-- --seconds N --out DIR]

Writes a CPU profile of a broker in its host under the load of npm run bench -- --only host, and prints which functions cost most by
themselves. Chrome's and Visual Studio Code's developer tools open the file.

  --seconds N  how long the load lasts (default 5)
  --out DIR    where the .cpuprofile is written (default dist/profile)
  --help
`;

const { values } = readArguments(
  () =>
    parseArgs({
      options: {
        seconds: { type: 'string', default: '5' },
        out: { type: 'string', default: join(import.meta.dirname, '../dist/profile') },
        help: { type: 'boolean' },
      },
    }),
  usage,
);
const seconds = readCount('seconds', values.seconds);
const folder = resolve(values.out);

await runUntilStopped(async ({ cleanup, end }) => {
  mkdirSync(folder, { recursive: true });
  const name = `host-${Date.now()}.cpuprofile`;
  const { broker } = await serveBroker(cleanup, ['--cpu-prof', '--cpu-prof-dir', folder, '--cpu-prof-name', name]);
  const { answers } = await broker.load(seconds * 1_000);
  await broker.stop();
  if (!readdirSync(folder).includes(name)) throw new Error('The broker has written no profile.');
  process.stdout.write(`${join(folder, name)}, ${answers} hand-outs\n`);
  for (const { share, where } of costOf(join(folder, name)).slice(0, 30)) {
    process.stdout.write(`${(share * 100).toFixed(1).padStart(6)} %  ${where}\n`);
  }
  end();
});
