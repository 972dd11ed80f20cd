import { parseArgs } from 'node:util';
import { HttpRequest, InvocationContext } from '@azure/functions';
import { createNoopMeter } from '@opentelemetry/api';
import { readArguments, readCount } from '../local/stack/arguments.ts';
import { systemClock as clock } from '../shared/clock.ts';
import { createHeaderSets } from '../shared/credentials/header-set.ts';
import type { KeyCache } from '../shared/credentials/keys.ts';
import type { TokenCache } from '../shared/credentials/tokens.ts';
import { jsonAnswer } from '../shared/http/answer.ts';
import { createAudited, type Decide } from '../shared/http/audited.ts';
import { serve, type HttpHandler } from '../shared/http/serve.ts';
import type { ApiName, CallerName } from '../shared/names.ts';
import type { Audit } from '../shared/telemetry/audit.ts';
import { countAsked, countAuditFailures, countDecisions } from '../shared/telemetry/measured.ts';
import { createMetrics } from '../shared/telemetry/metrics.ts';
import { withTrace } from '../shared/trace-context.ts';
import { createMeasuring } from '../test/support/metrics-reader.ts';
import { measureCpu } from './cpu.ts';
import { median } from './statistics.ts';
import { client, createCaches, scopeOf, subscription } from './subjects/caches.ts';

const usage = `Usage: npm run bench:telemetry [-- --rounds N --json]

What metrics and trace context add to a hand-out from the caches: without metrics, with the OpenTelemetry API alone, and with an SDK that
reads in memory, in turns, in one process.

  --rounds N   of 5,000 hand-outs each (default 15)
  --json       prints one object instead of a table
  --help
`;

const handOutsInRound = 5_000;
const scope = scopeOf(0);
const accepting: Audit = { accept: async () => {} };

/** A hand-out without the caller's token: what is around it is the same in all variants. */
function createHandler({ keys, tokens }: { keys: KeyCache; tokens: TokenCache }, audit: Audit): HttpHandler {
  const headerSets = createHeaderSets({ clock, keys, tokens }, { headerLifetimeMs: 300_000 });
  const decide: Decide = async (_exchange, facts, signal) => {
    Object.assign(facts, { caller: 'billing' as CallerName, api: 'core' as ApiName });
    const { id, lifeMs } = await headerSets.handOut({ subscription, token: { client, scope } }, signal);
    return jsonAnswer({ id, lifeMs });
  };
  return serve(
    { clock, requestTimeoutMs: 5_000 },
    ['GET'],
    createAudited({ clock, audit }, 'headers.hand-out', decide),
  );
}

function createMeasuredHandler(meter: Parameters<typeof createMetrics>[1]): HttpHandler {
  const metrics = createMetrics(clock, meter);
  const { keys, tokens } = createCaches({ scopes: 1 });
  const asked = {
    keys: { of: countAsked(metrics, 'key', (name) => keys.of(name)) },
    tokens: { ...tokens, of: countAsked(metrics, 'token', (name, forScope) => tokens.of(name, forScope)) },
  } satisfies { keys: KeyCache; tokens: TokenCache };
  return createHandler(asked, countDecisions(metrics, countAuditFailures(metrics, accepting)));
}

const request = new HttpRequest({ method: 'GET', url: 'https://broker.example/v1/headers/core' });
const traceContext = { traceParent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
const context = new InvocationContext({ functionName: 'headers', logHandler: () => {}, traceContext });

const variants: Readonly<Record<string, () => Promise<unknown>>> = (() => {
  const [plain, api, sdk] = [
    createHandler(createCaches({ scopes: 1 }), accepting),
    createMeasuredHandler(createNoopMeter()),
    createMeasuredHandler(createMeasuring().meter),
  ];
  return {
    'a hand-out without metrics': () => plain(request, context),
    'with the API alone': () => api(request, context),
    'with an SDK': () => sdk(request, context),
    'an asynchronous call': async () => {},
    'the same in a trace': () => withTrace(traceContext, async () => {}),
  };
})();

async function main(): Promise<void> {
  const { values } = readArguments(
    () =>
      parseArgs({
        options: {
          rounds: { type: 'string', default: '15' },
          json: { type: 'boolean', default: false },
          help: { type: 'boolean' },
        },
      }),
    usage,
  );
  const rounds = readCount('rounds', values.rounds);
  const measured = new Map<string, number[]>(Object.keys(variants).map((name) => [name, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(variants)) {
      const each = await measureCpu(handOutsInRound, run);
      // The first round warms up.
      if (round >= 0) measured.get(name)?.push(each);
    }
  }
  const rows = Array.from(measured, ([name, each]) => ({ name, medianUs: Number(median(each).toFixed(2)) }));
  if (values.json) return console.log(JSON.stringify({ rounds, handOutsInRound, rows }));
  for (const { name, medianUs } of rows) console.log(`${medianUs.toFixed(2).padStart(8)} µs  ${name}`);
}

await main();
