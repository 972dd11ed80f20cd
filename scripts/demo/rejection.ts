import { createBrokerClient } from '../../client/main.ts';
import { startBroker } from '../../local/stack/broker.ts';
import type { Run } from '../../local/stack/run.ts';
import { systemClock as clock } from '../../shared/clock.ts';
import { followLines } from './lines.ts';
import { describeRejection, problemsOfRejection } from './rejection-report.ts';
import type { RejectionOutcome } from './rejection-report.ts';
import { openScene } from './scene.ts';
import type { Scene } from './scene.ts';
import { openScreen } from './screen.ts';
import { startSteadyCalls } from './steady-calls.ts';
import type { SteadyCalls } from './steady-calls.ts';

type Options = { seconds: number; rate: number; asJson: boolean };

/** Services with a client each. */
const callers = ['billing', 'reporting', 'billing', 'reporting'].map((caller) => ({ caller }));
const [api, subscription] = ['core', 'okq8-core'];
/** No cycle begins by itself meanwhile. */
const rotation = { every: '30d', settle: '3s', promise: '34s' };

/** Starts everything, regenerates the active key under load, and says what came of it. */
export async function demonstrateRejection(run: Run, options: Options): Promise<void> {
  const { signal, end, fail } = run;
  let isDone = false;
  signal.addEventListener('abort', () => {
    if (!isDone) fail('Ended before the calls were over.');
  });
  const scene = await openScene(run, callers, rotation);
  signal.throwIfAborted();
  const outcome = await perform(run, scene, options);
  isDone = true;
  process.stdout.write(options.asJson ? `${JSON.stringify(outcome)}\n` : describeRejection(outcome));
  const problems = problemsOfRejection(outcome, options.rate);
  if (problems.length > 0) fail(problems.join(' '));
  else end();
}

async function perform({ cleanup, signal }: Run, scene: Scene, options: Options): Promise<RejectionOutcome> {
  const { app, control, settings, stack, tokens } = scene;
  const lines = followLines(clock);
  const onEnd = (how: string): void => lines.fail(`The broker ended by itself (${how}).`);
  signal.addEventListener('abort', () => lines.fail('Ended.'));
  const broker = await startBroker(
    { root: app, port: 0, settings, onEnd, onLine: (line) => lines.read(line) },
    cleanup,
  );
  let load: SteadyCalls | undefined;
  let refusals = 0;
  const figures = (): string => {
    const { calls = 0, failed = 0 } = load?.figures() ?? {};
    return `${calls} calls, ${refusals} refused at first, ${failed} failed`;
  };
  const screen = openScreen(clock, options.asJson ? process.stderr : process.stdout, figures);
  cleanup.add(async () => screen.close());

  const { gateways } = stack.ready();
  const [first] = gateways;
  /** As a load balancer does: to any gateway. */
  const spread = async (url: string, init?: RequestInit): Promise<Response> => {
    const gateway = gateways[Math.floor(Math.random() * gateways.length)] ?? first;
    const response = await fetch(url.replace(first, gateway), init);
    if (url.startsWith(first) && response.status === 401) refusals += 1;
    return response;
  };
  const clients = callers.map(({ caller }) => {
    const credential = { getToken: () => Promise.resolve({ token: tokens[caller] ?? '' }) };
    return createBrokerClient({ brokerUrl: broker.url, credential, fetch: spread });
  });
  const call = async (n: number): Promise<boolean> => {
    const response = await clients[n % clients.length]?.fetch(api, '/ping');
    await response?.arrayBuffer();
    return response?.status === 200;
  };

  await lines.until(
    ({ event, to, subscription: of }) => event === 'rotation-step' && to === 'idle' && of === subscription,
  );
  const { headers } = (await clients[0]?.headers(api)) ?? {};
  const isPrimary = headers?.['Ocp-Apim-Subscription-Key'] === stack.apiManagement.keys(subscription)?.primary;
  const active = isPrimary ? 'primary' : 'secondary';

  const startedAt = clock.monotonic();
  load = startSteadyCalls({ clock, call }, options.rate);
  const half = (options.seconds * 1_000) / 2;
  await lines.orFailure(pause(half));
  const regeneratedAt = clock.monotonic();
  await control.steer(`/management/${subscription}`, { regenerate: active });
  screen.say(`${subscription}: the ${active} key, which is active, was REGENERATED behind the broker's back`);
  await lines.orFailure(pause(half));
  const seconds = (clock.monotonic() - startedAt) / 1_000;
  await load.stop();
  screen.close();

  const { calls, failed } = load.figures();
  const reports = lines.seen.filter(({ action }) => action === 'headers.reject');
  const alternate = reports.find(({ rejection }) => rejection === 'alternate');
  return {
    calls,
    callsPerSecond: Math.round(calls / seconds),
    refusals,
    failures: failed,
    reports: countOf(reports.map(({ rejection = 'refused' }) => rejection)),
    alternateAfterMs: alternate ? Math.round(alternate.at - regeneratedAt) : null,
    byFirstReport: alternate !== undefined && reports[0] === alternate,
    alerts: lines.seen.filter(({ event }) => event === 'key-refused').length,
    seconds: Math.round(seconds * 10) / 10,
  };
}

function countOf(words: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    Array.from(
      Map.groupBy(words, (word) => word),
      ([word, of]) => [word, of.length],
    ),
  );
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}
