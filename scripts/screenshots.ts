import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readArguments, refuseArguments } from '../local/stack/arguments.ts';
import { runUntilStopped, type Run } from '../local/stack/run.ts';
import { states } from './demo/cycles.ts';
import { openCamera, type Camera } from './screenshots/camera.ts';
import { chromiumAdvice, chromiumPath } from './screenshots/chromium.ts';
import { driveCycle } from './screenshots/drive.ts';

const usage = `Usage: npm run screenshots -- --out DIR [--url URL [--subscription NAME]] [--json]

Takes pictures of the dashboard in Chromium, 1280 and 390 pixels wide, light and dark. The local stack is taken
through a whole rotation for it, one state after the other, which takes about four minutes.

  --out DIR            where the pictures go
  --url URL            of a broker that runs already (npm start): pictures as it is now
  --subscription NAME  of that broker, to be opened. Default okq8-core
  --json               prints one object with the figures on stdout
  --help

Exits 0 only where every state was seen, axe found nothing, no page threw, and none asked another origin for anything.
`;

const { values } = readArguments(
  () =>
    parseArgs({
      options: {
        out: { type: 'string' },
        url: { type: 'string' },
        subscription: { type: 'string', default: 'okq8-core' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean' },
      },
    }),
  usage,
);
const { url, subscription } = values;
if (values.out === undefined) refuseArguments('--out takes the folder for the pictures.');
const out = resolve(values.out);
if (!existsSync(chromiumPath)) refuseArguments(chromiumAdvice);

await runUntilStopped(async (run) => {
  const { camera, seen } = url === undefined ? await driveCycle(run, out) : await takeNow(run, new URL(url).origin);
  const missing = url === undefined ? states.filter((state) => !seen.includes(state)) : [];
  report(camera, seen, missing);
  const problems = [...camera.complaints(), ...missing.map((state) => `${state} was not seen.`)];
  if (problems.length > 0) run.fail(problems.join('\n'));
  else run.end();
});

async function takeNow({ cleanup }: Run, broker: string): Promise<{ camera: Camera; seen: string[] }> {
  const camera = await openCamera(broker, out, cleanup);
  await camera.take(subscription, 'now');
  return { camera, seen: [] };
}

function report(camera: Camera, seen: readonly string[], missing: readonly string[]): void {
  const figures = { pictures: camera.taken(), states: seen.length, violations: camera.complaints().length, missing };
  if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
  else process.stdout.write(`${figures.pictures} pictures in ${out}, of ${figures.states} states\n`);
}
