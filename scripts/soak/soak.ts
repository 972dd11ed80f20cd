import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { callers, subscriptions } from '../../local/sample.ts';
import type { Run } from '../../local/stack/run.ts';
import { systemClock as clock } from '../../shared/clock.ts';
import { createRandom } from '../../test/simulation/random.ts';
import { findCanaries } from '../canaries.ts';
import { startSteadyCalls } from '../demo/steady-calls.ts';
import { createFindings, type Findings } from './findings.ts';
import { startInstance } from './instance.ts';
import { startLag } from './lag.ts';
import { readAudit } from './read-audit.ts';
import { describeOutcome, keptByProcess, problemsOf, type Outcome } from './report.ts';
import { badTokens } from './requests.ts';
import { watchRotations } from './rotations.ts';
import { openScene, type Scene } from './scene.ts';
import { createStampede } from './stampede.ts';
import { createTraffic } from './traffic.ts';
import { createTrail, settledMs } from './trail.ts';
import { createUses } from './uses.ts';
import { startWeather, type Weather } from './weather.ts';
import { readWeight, type Weight } from './weight.ts';

export type Options = {
  readonly hours: number;
  readonly seed: number;
  /** Requests to the broker a second. */
  readonly rate: number;
  /** Regenerates an active key behind the broker's back, which must be found. */
  readonly sabotage: boolean;
  readonly asJson: boolean;
};

const hourMs = 3_600_000;
const tokensMs = 120_000;
const trailMs = 10_000;
const probe = pathToFileURL(join(import.meta.dirname, 'probe.ts'));
/** What the broker tells of that must not be, whatever the fault. */
const alarming = new Set(['unexpected-error', 'key-refused']);

/** Starts everything, lets it run for so long, and says what came of it. */
export async function soak(run: Run, options: Options): Promise<void> {
  const startedAt = clock.monotonic();
  const tell = (text: string): void => {
    const seconds = ((clock.monotonic() - startedAt) / 1_000).toFixed(0).padStart(6);
    process.stderr.write(`${seconds} s  ${text}\n`);
  };
  tell(`seed ${options.seed}`);
  const scene = await openScene(run);
  const outcome = await perform(run, scene, options, tell);
  process.stdout.write(options.asJson ? `${JSON.stringify(outcome)}\n` : describeOutcome(outcome));
  const problems = problemsOf(outcome);
  if (problems.length > 0) run.fail(problems.join(' '));
  else run.end();
}

async function perform(
  { cleanup, signal, fail }: Run,
  { stack, app, control, settings }: Scene,
  { hours, seed, rate, sabotage }: Options,
  tell: (text: string) => void,
): Promise<Outcome> {
  const findings = createFindings(tell);
  const weights: Weight[] = [];
  const tokens = await mintTokens(control);
  const durationMs = hours * hourMs;
  const everyMs = Math.round(Math.min(Math.max(durationMs / 200, 2_000), 20_000));
  probe.searchParams.set('every', String(everyMs));

  const events = new Map<string, number>();
  const readLine = (line: string): void => {
    const weight = readWeight(line, clock.monotonic());
    if (weight) weights.push(weight);
    else search(line, findings, events);
  };
  const onEnd = (how: string): void => fail(`An instance of the broker ended by itself (${how}).`);
  const start = (env: Readonly<Record<string, string>>) =>
    startInstance({ root: app, settings: { ...settings, ...env }, onLine: readLine, onEnd, pause }, cleanup);
  const weighed = { NODE_OPTIONS: `--import ${probe.href} --disable-warning=ExperimentalWarning` };
  const first = await start(weighed);
  const second = await start({});
  signal.throwIfAborted();

  const get = async (path: string): Promise<string> => {
    const response = await fetch(`${first.url}${path}`, {
      headers: { Authorization: `Bearer ${tokens.get('auditor')}` },
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`The trail is answered ${response.status}.`);
    return text;
  };
  const trail = createTrail((since, until) => readAudit(get, since, until), clock.wall());
  const lag = startLag(clock);
  let weather: Weather | undefined;
  const uses = createUses({
    clock,
    random: createRandom(seed + 1),
    findings,
    gateways: stack.ready().gateways,
    wasFaulty: (gateway, since) => weather?.wasFaulty(gateway, since) ?? false,
  });
  const tokenOf = (name: string): string => tokens.get(name) ?? '';
  const traffic = createTraffic({
    clock,
    random: createRandom(seed + 2),
    instances: [first, second],
    findings,
    trail,
    uses,
    tokenOf,
    lagMs: () => lag.mostMs(),
  });
  const stampede = createStampede({ control, traffic, findings });
  const kill = async (awayMs: number): Promise<void> => {
    if (second.isAway()) return;
    const before = await stampede.count();
    await second.kill(awayMs);
    await stampede.carryOut(second, before);
  };

  const rotations = watchRotations(
    { clock, keysOf: (name) => stack.apiManagement.keys(name) },
    Object.keys(subscriptions),
  );
  const beganAt = clock.monotonic();
  weather = startWeather({
    clock,
    random: createRandom(seed),
    fault: (rule) => control.steer('/faults', rule).catch(() => control.steer('/faults', rule)),
    kill,
    onFault: () => {},
    onTrouble: (error) => tell(`A fault could not be made: ${String(error)}`),
  });
  const load = startSteadyCalls(
    {
      clock,
      call: async () => {
        await traffic.sendOne();
        return true;
      },
    },
    rate,
  );

  const repeat = startRepeating(signal);
  repeat(tokensMs, async () => {
    for (const [name, token] of await mintTokens(control)) tokens.set(name, token);
  });
  repeat(trailMs, async () => findings.note(await trail.readOn(clock.wall())));
  repeat(Math.min(Math.max(durationMs / 60, 5_000), 60_000), async () => {
    const { requests, handOuts } = traffic.figures();
    const { uses: used } = uses.figures();
    const { faults } = weather?.figures() ?? { faults: 0 };
    const { regenerated } = rotations.figures();
    const heap = ((weights.at(-1)?.heap ?? 0) / 1_000_000).toFixed(2);
    tell(
      `${requests} requests, ${handOuts} hand-outs, ${used} uses, ${regenerated} keys regenerated, ` +
        `${faults} faults, heap ${heap} MB, late by ${weights.at(-1)?.lagMs ?? 0} ms there and ${Math.round(lag.mostMs())} ms here, ${findings.total()} violations`,
    );
  });
  if (sabotage) {
    clock.after(durationMs / 3, () => {
      tell('okq8-core: both keys are regenerated behind the broker’s back');
      for (const slot of ['primary', 'secondary'])
        void control.steer('/management/okq8-core', { regenerate: slot }).catch(() => {});
    });
  }

  await untilOver(durationMs, signal);
  const minutes = (clock.monotonic() - beganAt) / 60_000;
  const [rotated, weathered] = [rotations.figures(), weather.figures()];
  weather.stop();
  rotations.stop();
  uses.stop();
  await load.stop();
  if (!signal.aborted) {
    // What was faulty is over, and what was answered last is on record.
    await pause(settledMs + 6_000);
    for (let tries = 0; tries < 5 && trail.pending() > 0; tries += 1) {
      findings.note(await trail.readOn(clock.wall()));
      if (trail.pending() > 0) await pause(2_000);
    }
    if (trail.pending() > 0)
      findings.note([{ broken: 4, what: `${trail.pending()} hand-outs could not be looked for in the trail` }]);
  }
  lag.stop();
  const figures = traffic.figures();
  const used = uses.figures();
  return {
    seed,
    minutes: Math.round(minutes * 10) / 10,
    requests: figures.requests,
    handOuts: figures.handOuts,
    handOutsOnRecord: trail.confirmed(),
    uses: used.uses,
    usesLate: used.late,
    usesSpoilt: used.spoilt,
    slowestMs: Math.round(figures.slowestMs),
    unanswered: figures.unanswered,
    untimed: figures.untimed,
    kills: second.deaths(),
    rotations: rotated.bySubscription,
    longestWithoutRotationS: inSeconds(rotated.longestGapMs),
    faults: weathered.faults,
    faultKinds: weathered.byName.size,
    longestWithoutFaultS: inSeconds(weathered.longestGapMs),
    refusals: Object.fromEntries(figures.codes),
    reasons: Object.fromEntries(trail.reasons()),
    events: Object.fromEntries(events),
    violations: Object.fromEntries(Array.from(findings.counts(), ([broken, count]) => [String(broken), count])),
    ...keptByProcess(weights),
  };
}

/** Nothing that the broker prints tells a secret, and some things are never to be printed. */
function search(line: string, findings: Findings, events: Map<string, number>): void {
  findings.note(findCanaries(line).map((where) => ({ broken: 3 as const, what: `a secret was printed, ${where}` })));
  const [, event] = /\{"event":"([a-z-]+)"/.exec(line) ?? [];
  if (event === undefined) return;
  events.set(event, (events.get(event) ?? 0) + 1);
  if (alarming.has(event)) findings.note([{ broken: 'contract', what: `the log has ${event}` }]);
}

/** All tokens that requests are made with, by name. */
async function mintTokens(control: Scene['control']): Promise<Map<string, string>> {
  const specs = [...Object.keys(callers).map((caller) => [caller, { caller }] as const), ...Object.entries(badTokens)];
  const tokens = new Map<string, string>();
  for (const [name, spec] of specs) tokens.set(name, await control.mint(spec));
  return tokens;
}

/** Does something again and again, one at a time, until the signal. What fails is tried again the next time. */
function startRepeating(signal: AbortSignal) {
  return (everyMs: number, work: () => Promise<void>): void => {
    const again = (): void => {
      clock.after(everyMs, () => {
        if (!signal.aborted) void work().then(again, again);
      });
    };
    again();
  };
}

async function untilOver(durationMs: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    clock.after(durationMs, resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}

const inSeconds = (ms: number): number => Math.round(ms / 100) / 10;
