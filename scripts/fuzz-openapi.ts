import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { readArguments, refuseArguments } from '../local/stack/arguments.ts';
import { customaryControl } from '../local/stack/ready.ts';
import { runUntilStopped, type Run } from '../local/stack/run.ts';
import { describeFailure, findShortfalls, toFigures, toTable } from './fuzz-openapi/report.ts';
import { withGivenIds } from './fuzz-openapi/given-ids.ts';
import { fuzz, type Tally } from './fuzz-openapi/run.ts';
import { createSender } from './fuzz-openapi/send.ts';
import { openTarget, type Target } from './fuzz-openapi/target.ts';
import { acquireTokens } from './fuzz-openapi/tokens.ts';
import type { OpenApiDocument } from './openapi/types.ts';

const usage = `Usage: npm run fuzz:openapi -- [--requests N] [--seed S] [--url URL [--control URL]] [--json]

Sends N requests, made from the broker's own /openapi.json, good and bad in every part: paths, queries, methods, headers,
tokens, bodies. Each answer must be one that the document describes: status, headers, media type and body. There must be no
5xx, nothing of the request in a problem, no secret outside of a hand-out, and nothing but a problem without a good token.

  --requests N   Default 5000
  --seed S       The same seed and document make the same requests. Default: drawn
  --url URL      A running broker ("npm start") instead of one of its own
  --control URL  That broker's stack. Default ${customaryControl}
  --json         prints one object with the figures on stdout, instead of a table
  --help

What fails is told on stderr, each with a curl line. Exits 0 only where nothing failed; from 2,000 requests on, also only
where each operation was answered well at least once.
`;

const { values } = readArguments(
  () =>
    parseArgs({
      options: {
        requests: { type: 'string', default: '5000' },
        seed: { type: 'string' },
        url: { type: 'string' },
        control: { type: 'string', default: customaryControl },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean' },
      },
    }),
  usage,
);
const requests = readWhole(values.requests, '--requests', 1, 1_000_000);
const seed = values.seed === undefined ? randomInt(2 ** 31) : readWhole(values.seed, '--seed', 0, 2 ** 31 - 1);
const url = values.url === undefined ? undefined : readUrl(values.url, '--url');
const control = readUrl(values.control, '--control');

const [progressMs, mostTold] = [2_000, 20];

await runUntilStopped(async ({ cleanup, signal, end, fail }) => {
  const target = url === undefined ? await openTarget(cleanup) : { broker: url, control, lines: [] };
  signal.throwIfAborted();
  await run(target, fail);
  end();
});

async function run({ broker, control: steering, lines }: Target, fail: Run['fail']): Promise<void> {
  const [document, tokens] = await Promise.all([readDocument(broker), acquireTokens(steering)]);
  process.stderr.write(`seed ${seed}\n`);
  const sender = createSender(broker);
  const startedAt = performance.now();
  const tally = await fuzz(sender, {
    document: await withGivenIds(document, sender, tokens.get('billing') ?? []),
    tokens,
    seed,
    requests,
    onProgress: tellProgress(),
  });
  sender.close();
  const seconds = (performance.now() - startedAt) / 1_000;
  const shortfalls = findShortfalls(document, tally, lines);
  for (const failure of tally.failures.slice(0, mostTold)) {
    process.stderr.write(`${describeFailure({ broker, control: steering }, failure)}\n`);
  }
  const fuzzed = { seed, seconds, tally, shortfalls };
  process.stdout.write(values.json ? `${JSON.stringify(toFigures(fuzzed))}\n` : toTable(fuzzed));
  const { length } = tally.failures;
  const wrong = [...(length > 0 ? [`${length} answers`] : []), ...shortfalls];
  if (wrong.length > 0) fail(`Not as it must be: ${wrong.join('; ')}.`);
}

function tellProgress(): (tally: Tally) => void {
  let toldAt = performance.now();
  return (tally) => {
    if (performance.now() < toldAt + progressMs) return;
    toldAt = performance.now();
    process.stderr.write(`${tally.requests} of ${requests} requests, ${tally.failures.length} failures\n`);
  };
}

async function readDocument(broker: string): Promise<OpenApiDocument> {
  const response = await fetch(`${broker}/openapi.json`, { signal: AbortSignal.timeout(30_000) }).catch(() => {
    throw new Error(`No broker answers at ${broker}. Start one with npm start, or leave --url out.`);
  });
  if (!response.ok) throw new Error(`${broker} has no /openapi.json: it answers ${response.status}.`);
  return (await response.json()) as OpenApiDocument;
}

function readWhole(text: string, option: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  return refuseArguments(`${option} takes a whole number from ${least} to ${most}.`);
}

function readUrl(text: string, option: string): string {
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (parsed?.protocol === 'http:' && parsed.pathname === '/') return parsed.origin;
  return refuseArguments(`${option} takes an address such as http://127.0.0.1:7071.`);
}
