import { subscriptions } from '../../local/sample.ts';
import type { Run } from '../../local/stack/run.ts';
import { systemClock as clock } from '../../shared/clock.ts';
import { createRandom } from '../../test/simulation/random.ts';
import { startSteadyCalls } from '../demo/steady-calls.ts';
import { createBrokerLog } from './broker-log.ts';
import { createFindings } from './findings.ts';
import { startInstances } from './instance.ts';
import { startLag } from './lag.ts';
import { createPace } from './pace.ts';
import { createAuditReader } from './read-audit.ts';
import { describeOutcome, keptByProcess, problemsOf, type Outcome } from './report.ts';
import { watchRotations } from './rotations.ts';
import { openScene, type Scene } from './scene.ts';
import { createStampede } from './stampede.ts';
import { createTokens } from './tokens.ts';
import { createTraffic } from './traffic.ts';
import { createTrail, settledMs } from './trail.ts';
import { createUses } from './uses.ts';
import { createWeather } from './weather.ts';
import type { Weight } from './weight.ts';

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
/** How often callers get new tokens, and the trail is read. */
const [tokensMs, trailMs] = [120_000, 10_000];
/** How often is told how far it is, and weighed: so often in all, but not more often and not more rarely than this. */
const [tales, leastTaleMs, mostTaleMs] = [60, 5_000, 60_000];
const [weighings, leastWeighMs, mostWeighMs] = [200, 2_000, 20_000];

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

async function perform(run: Run, scene: Scene, options: Options, tell: (text: string) => void): Promise<Outcome> {
  const { signal } = run;
  const { stack, control } = scene;
  const { hours, seed, rate, sabotage } = options;
  const durationMs = hours * hourMs;
  const [pace, lag, findings, tokens] = [
    createPace(clock, signal),
    startLag(clock),
    createFindings(tell),
    await createTokens(control),
  ];
  const log = createBrokerLog(findings);
  const weights: Weight[] = [];
  const [first, second] = await startInstances(
    { clock, pace, onLine: log.read, onWeight: (weight) => weights.push(weight) },
    { scene, run, weighEveryMs: within(durationMs / weighings, leastWeighMs, mostWeighMs) },
  );
  signal.throwIfAborted();

  const trail = createTrail(createAuditReader(first, tokens), clock.wall());
  const weather = createWeather({
    clock,
    random: createRandom(seed),
    fault: (rule) => control.steer('/faults', rule).catch(() => control.steer('/faults', rule)),
    kill: (awayMs) => stampede.carryOut(second, awayMs),
    onTrouble: (error) => tell(`A fault could not be made: ${String(error)}`),
  });
  const { gateways } = stack.ready();
  const uses = createUses({ clock, random: createRandom(seed + 1), findings, gateways, wasFaulty: weather.wasFaulty });
  const traffic = createTraffic({
    clock,
    random: createRandom(seed + 2),
    instances: [first, second],
    findings,
    trail,
    uses,
    tokenOf: tokens.of,
    lagMs: lag.mostMs,
  });
  const stampede = createStampede({ control, traffic, findings });
  const rotations = watchRotations(
    { clock, keysOf: (name) => stack.apiManagement.keys(name) },
    Object.keys(subscriptions),
  );

  const beganAt = clock.monotonic();
  weather.start();
  const load = startSteadyCalls({ clock, call: () => traffic.sendOne().then(() => true) }, rate);
  pace.repeat(tokensMs, tokens.renew);
  pace.repeat(trailMs, async () => findings.note(await trail.readOn(clock.wall())));
  pace.repeat(within(durationMs / tales, leastTaleMs, mostTaleMs), async () => {
    const { heap = 0, lagMs = 0 } = weights.at(-1) ?? {};
    tell(
      `${traffic.figures().requests} requests, ${traffic.figures().handOuts} hand-outs, ${uses.figures().uses} uses, ` +
        `${rotations.figures().regenerated} keys regenerated, ${weather.figures().faults} faults, ` +
        `heap ${(heap / 1_000_000).toFixed(2)} MB, late by ${lagMs} ms there and ${Math.round(lag.mostMs())} ms here, ` +
        `${findings.total()} violations`,
    );
  });
  if (sabotage) clock.after(durationMs / 3, () => void regenerateBoth(control, tell));

  await pace.untilOver(durationMs);
  const minutes = (clock.monotonic() - beganAt) / 60_000;
  const [rotated, weathered] = [rotations.figures(), weather.figures()];
  for (const each of [weather, rotations, uses]) each.stop();
  await Promise.all([load.stop(), uses.settled()]);
  if (!signal.aborted) {
    await pace.pause(settledMs);
    findings.note(await trail.conclude(() => clock.wall(), pace.pause));
  }
  lag.stop();
  const [{ codes, ...asked }, used] = [traffic.figures(), uses.figures()];
  return {
    seed,
    minutes: Math.round(minutes * 10) / 10,
    ...asked,
    slowestMs: Math.round(asked.slowestMs),
    handOutsOnRecord: trail.confirmed(),
    uses: used.uses,
    usesLate: used.late,
    usesSpoilt: used.spoilt,
    kills: second.deaths(),
    rotations: rotated.bySubscription,
    longestWithoutRotationS: inSeconds(rotated.longestGapMs),
    faults: weathered.faults,
    faultKinds: weathered.byName.size,
    longestWithoutFaultS: inSeconds(weathered.longestGapMs),
    refusals: Object.fromEntries(codes),
    reasons: Object.fromEntries(trail.reasons()),
    events: Object.fromEntries(log.events()),
    violations: Object.fromEntries(Array.from(findings.counts(), ([broken, count]) => [String(broken), count])),
    ...keptByProcess(weights),
  };
}

async function regenerateBoth(control: Scene['control'], tell: (text: string) => void): Promise<void> {
  tell('okq8-core: both keys are regenerated behind the broker’s back');
  for (const regenerate of ['primary', 'secondary']) await control.steer('/management/okq8-core', { regenerate });
}

function within(ms: number, leastMs: number, mostMs: number): number {
  return Math.round(Math.min(Math.max(ms, leastMs), mostMs));
}

const inSeconds = (ms: number): number => Math.round(ms / 100) / 10;
