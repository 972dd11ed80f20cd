import { parseArgs } from 'node:util';
import { readArguments, refuseArguments } from './stack/arguments.ts';
import { customaryControl } from './stack/ready.ts';

const usage = `Usage: npm run -s token -- CALLER [--control ${customaryControl}]

Prints a token for a caller of the running stack, such as billing, reporting or stranger, and nothing else.

  --control URL  the stack's control address, as npm start printed it
  --help
`;

const { values, positionals } = readArguments(
  () =>
    parseArgs({
      options: { control: { type: 'string', default: customaryControl }, help: { type: 'boolean' } },
      allowPositionals: true,
    }),
  usage,
);
const [caller, ...others] = positionals;
if (caller === undefined || others.length > 0) refuseArguments('Name one caller.');
const control = URL.canParse(values.control) ? values.control : refuseArguments('--control takes a URL.');

const answer = await askForToken(caller);
if ('token' in answer) process.stdout.write(`${answer.token}\n`);
else {
  process.stderr.write(`${answer.error}\n`);
  process.exitCode = 1;
}

type Answer = { token: string } | { error: string };

async function askForToken(name: string): Promise<Answer> {
  try {
    const response = await fetch(new URL('/token', control), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ caller: name }),
      signal: AbortSignal.timeout(5_000),
    });
    return readAnswer(await response.json());
  } catch {
    return noStack();
  }
}

function readAnswer(body: unknown): Answer {
  if (typeof body !== 'object' || body === null) return noStack();
  if ('token' in body && typeof body.token === 'string') return { token: body.token };
  return 'error' in body && typeof body.error === 'string' ? { error: body.error } : noStack();
}

function noStack(): Answer {
  return {
    error: `No local stack answers at ${control}. Start one with npm start, or name its control address with --control.`,
  };
}
