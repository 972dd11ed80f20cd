import { HttpRequest, InvocationContext } from '@azure/functions';
import { createNoopMeter } from '@opentelemetry/api';
import { systemClock as clock } from '../../shared/clock.ts';
import { createHeaderSets } from '../../shared/credentials/header-set.ts';
import type { KeyCache } from '../../shared/credentials/keys.ts';
import type { TokenCache } from '../../shared/credentials/tokens.ts';
import { jsonAnswer } from '../../shared/http/answer.ts';
import { createAudited, type Decide } from '../../shared/http/audited.ts';
import { serve, type HttpHandler } from '../../shared/http/serve.ts';
import type { ApiName, CallerName } from '../../shared/names.ts';
import type { Audit } from '../../shared/telemetry/audit.ts';
import { countAsked, countAuditFailures, countDecisions } from '../../shared/telemetry/measured.ts';
import { createMetrics } from '../../shared/telemetry/metrics.ts';
import { withTrace } from '../../shared/trace-context.ts';
import { createMeasuring } from '../../test/support/metrics-reader.ts';
import type { Row } from '../contest.ts';
import { measureCpu } from '../cpu.ts';
import { client, createCaches, scopeOf, subscription } from '../subjects/caches.ts';

const handOutsInRound = 5_000;
const accepting: Audit = { accept: async () => {} };
const request = new HttpRequest({ method: 'GET', url: 'https://broker.example/v1/headers/core' });
const traceContext = { traceParent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
const context = new InvocationContext({ functionName: 'headers', logHandler: () => {}, traceContext });

export const row: Row = {
  title: 'What metrics and trace context add',
  how: 'A hand-out from the caches, without its host and the caller’s token: without metrics, with the OpenTelemetry API alone, and with an SDK that reads in memory; and an asynchronous call in a trace, beside one in none.',
  rounds: 9,
  prepare: async () => {
    const [plain, api, sdk] = [
      createHandler(createCaches({ scopes: 1 }), accepting),
      createMeasuredHandler(createNoopMeter()),
      createMeasuredHandler(createMeasuring().meter),
    ];
    const measure = (run: () => Promise<unknown>) => async () => ({
      processor: await measureCpu(handOutsInRound, run),
    });
    const added = { measure: 'processor', minus: 'without metrics' };
    return {
      units: { processor: 'µs' },
      contestants: {
        'without metrics': measure(() => plain(request, context)),
        'with the API alone': measure(() => api(request, context)),
        'with an SDK': measure(() => sdk(request, context)),
        'an asynchronous call': measure(async () => {}),
        'the same in a trace': measure(() => withTrace(traceContext, async () => {})),
      },
      comparisons: [
        { ...added, title: 'what the API adds, µs', of: 'with the API alone' },
        { ...added, title: 'what an SDK adds, µs', of: 'with an SDK' },
        {
          title: 'what a trace adds, µs',
          measure: 'processor',
          of: 'the same in a trace',
          minus: 'an asynchronous call',
        },
      ],
    };
  },
};

/** A hand-out without the caller's token: what is around it is the same for all. */
function createHandler({ keys, tokens }: { keys: KeyCache; tokens: TokenCache }, audit: Audit): HttpHandler {
  const headerSets = createHeaderSets({ clock, keys, tokens }, { headerLifetimeMs: 300_000 });
  const scope = scopeOf(0);
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
