import { startBroker } from '../../local/stack/broker.ts';
import type { Run } from '../../local/stack/run.ts';
import { systemClock as clock } from '../../shared/clock.ts';
import { createCalls } from './calls.ts';
import { rotated } from './config.ts';
import { followCycles, readRotationLine, states } from './cycles.ts';
import type { RotationLine } from './cycles.ts';
import { createKiller } from './kills.ts';
import type { Killer } from './kills.ts';
import { startLoad } from './load.ts';
import type { Load } from './load.ts';
import { describeFigures, describeOutcome, describeRefusal, problemsOf } from './report.ts';
import type { Outcome } from './report.ts';
import { openScene } from './scene.ts';
import type { Scene } from './scene.ts';
import { openScreen } from './screen.ts';
import type { Screen } from './screen.ts';

type Options = { withKills: boolean; asJson: boolean; limitMs: number };

/** Who asks for what, again and again. */
const callers = [
  { caller: 'billing', api: 'core' },
  { caller: 'billing', api: 'payments' },
  { caller: 'reporting', api: 'core' },
  { caller: 'bookkeeping', api: 'invoices' },
];
/** Together 40 header sets and 400 uses a second, once as many are held as expire. */
const pace = { askEveryMs: 100, usesPerSet: 10 };
/** The one in whose states the broker is killed. */
const [killedIn] = rotated;

/** Starts everything, lets the timer rotate while the load runs, and says what came of it. */
export async function demonstrate(run: Run, options: Options): Promise<void> {
  const { signal, end, fail } = run;
  let isDone = false;
  signal.addEventListener('abort', () => {
    if (!isDone) fail('Ended before the rotation was complete.');
  });
  const scene = await openScene(run, callers);
  signal.throwIfAborted();
  const { outcome, failure } = await perform(run, scene, options);
  isDone = true;
  process.stdout.write(options.asJson ? `${JSON.stringify(outcome)}\n` : describeOutcome(outcome));
  const problems = problemsOf(outcome, { states: states.length, kills: options.withKills ? states.length : 0 });
  if (failure !== undefined) problems.unshift(failure);
  if (problems.length > 0) fail(problems.join(' '));
  else end();
}

type Performance = { outcome: Outcome; failure: string | undefined };

async function perform({ cleanup, signal }: Run, scene: Scene, options: Options): Promise<Performance> {
  const { stack, app, control, settings, tokens } = scene;
  const { withKills, asJson, limitMs } = options;
  const ending = Promise.withResolvers<string | undefined>();
  const cycles = followCycles(rotated);
  const figures = (): string => (load ? describeFigures(load.figures()) : 'starting');
  let load: Load | undefined;
  let killer: Killer | undefined;
  const screen = openScreen(clock, asJson ? process.stderr : process.stdout, figures);
  cleanup.add(async () => screen.close());
  const tell = createTeller(screen);
  signal.addEventListener('abort', () => ending.resolve(undefined));
  clock.after(limitMs, () => ending.resolve(`Not complete after ${limitMs / 60_000} minutes.`));

  const onLine = (line: string): void => {
    const step = readRotationLine(line);
    // A broker that has just begun on a busy machine may have to try twice.
    if (!step) return killer?.isAway() ? undefined : tellTrouble(line);
    const from = cycles.stateOf(step.subscription);
    const state = cycles.follow(step);
    tell(step, from, state);
    if (state !== undefined && step.subscription === killedIn) {
      killer?.enter(state).catch((error: unknown) => ending.resolve(String(error)));
    }
    if (cycles.areComplete()) ending.resolve(undefined);
  };
  const onEnd = (how: string): void => ending.resolve(`The broker ended by itself (${how}).`);
  const broker = await startBroker({ root: app, port: 0, settings, onEnd, onLine }, cleanup);
  const onKill = (state: string, moment: string, downMs: number): void =>
    screen.say(`broker KILLED in ${state}, ${moment}; serving again after ${downMs.toFixed(0)} ms`);
  const { gateways } = stack.ready();
  const calls = createCalls(broker.url, gateways, tokens);
  const isServing = async (): Promise<boolean> => {
    const answers = await Promise.all(callers.map(({ caller, api }) => calls.ask(caller, api)));
    return answers.every((answer) => typeof answer === 'object' && 'expiresOn' in answer);
  };
  killer = withKills ? createKiller({ clock, broker, control, isServing, onKill }, killedIn, states) : undefined;

  const startedAt = clock.monotonic();
  load = startLoad(
    { clock, ...calls, isBrokerAway: () => killer?.isAway() ?? false },
    {
      ...pace,
      callers,
      gateways: gateways.length,
      onRefusal: (refusal) => screen.say(describeRefusal(refusal)),
    },
  );
  const failure = await ending.promise;
  const seconds = (clock.monotonic() - startedAt) / 1_000;
  await load.stop();
  screen.close();
  return {
    failure,
    outcome: {
      ...load.figures(),
      usesPerSecond: Math.round(load.figures().uses / seconds),
      statesPassed: cycles.statesPassed(),
      kills: killer?.kills() ?? 0,
      seconds: Math.round(seconds * 10) / 10,
      bothKeysChanged: scene.haveBothKeysChanged(),
    },
  };
}

/** Tells each change of a state, and each trouble when it begins. */
function createTeller(screen: Screen) {
  const troubles = new Map<string, string>();
  return ({ subscription, alert, reason }: RotationLine, from: string | undefined, state: string | undefined): void => {
    const trouble = alert ?? reason;
    if (trouble !== undefined && troubles.get(subscription) !== trouble)
      screen.say(`${subscription.padEnd(14)} ${trouble}`);
    if (trouble === undefined) troubles.delete(subscription);
    else troubles.set(subscription, trouble);
    if (state !== undefined) screen.say(`${subscription.padEnd(14)} ${from} → ${state}`);
  };
}

/** What the broker logs as a warning or an error; the host says the level after the time. */
function tellTrouble(line: string): void {
  if (/^\S+ (warning|error|critical) /.test(line)) process.stderr.write(`${line}\n`);
}
