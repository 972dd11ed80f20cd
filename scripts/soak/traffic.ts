import type { Clock } from '../../shared/clock.ts';
import type { Random } from '../../test/simulation/random.ts';
import type { Findings } from './findings.ts';
import type { Instance } from './instance.ts';
import { codeOf, judge, mostLagMs, type Answer } from './judge.ts';
import { burst, drawKind, type Kind, type Material } from './requests.ts';
import { createStanding, type Standing } from './standing.ts';
import type { Trail } from './trail.ts';
import type { HeaderSet, Uses } from './uses.ts';

type Dependencies = {
  clock: Clock;
  random: Random;
  /** The first is never killed. */
  instances: readonly Instance[];
  findings: Findings;
  trail: Trail;
  uses: Uses;
  tokenOf: (name: string) => string;
  /** The most that an alarm of this process was late in the last seconds. */
  lagMs: () => number;
};

export type Traffic = {
  /** Sends one request as it is drawn; resolves when it is judged. */
  sendOne(): Promise<void>;
  /** Sends this kind to that instance. Resolves with the status; 0 for none. */
  send(kind: Kind, instance: Instance): Promise<number>;
  figures(): {
    requests: number;
    handOuts: number;
    unanswered: number;
    /** Of which nothing is said as to time, because this process was late itself. */
    untimed: number;
    slowestMs: number;
    codes: ReadonlyMap<string, number>;
  };
};

const limitMs = 20_000;
/** How much of the load the instance gets that is never killed. */
const shareOfFirst = 0.7;
const burstSize = 40;
const oneIn = 600;

/** Asks the broker for everything, well and badly, and judges each answer. */
export function createTraffic(dependencies: Dependencies): Traffic {
  const { clock, random, instances, findings, trail, uses, tokenOf, lagMs } = dependencies;
  const standings = new Map<Instance, { standing: Standing; deaths: number }>();
  const lastIds = new Map<string, string>();
  const codes = new Map<string, number>();
  const figures = { requests: 0, handOuts: 0, unanswered: 0, untimed: 0, slowestMs: 0 };
  const material: Material = { tokenOf, idOf: (caller, api) => lastIds.get(`${caller} ${api}`) };

  const ask = async (kind: Kind, { url }: Instance): Promise<Answer | undefined> => {
    const sent = kind.make(material, random);
    if (!sent) return undefined;
    const { method = 'GET', path, headers = {}, body } = sent;
    const startedAt = clock.monotonic();
    const signal = AbortSignal.timeout(limitMs);
    const given = body === undefined ? {} : { body };
    const response = await fetch(`${url}${path}`, { method, headers, ...given, redirect: 'manual', signal });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, tookMs: clock.monotonic() - startedAt };
  };

  /** One that was killed has nothing cached any more. */
  const standingOf = (instance: Instance): Standing => {
    const deaths = instance.deaths();
    const known = standings.get(instance);
    if (known?.deaths === deaths) return known.standing;
    const standing = createStanding();
    standings.set(instance, { standing, deaths });
    return standing;
  };

  const takeSet = (kind: Kind, standing: Standing, { headers, text }: Answer): void => {
    if (!kind.handsOut) return;
    figures.handOuts += 1;
    trail.handedOut(headers.get('x-request-id') ?? '', clock.wall());
    if (!kind.handsOut.isUsable) return;
    const read: Omit<HeaderSet, 'api' | 'expiresOn'> & { expiresOn: string } = JSON.parse(text);
    const set = { ...read, api: kind.handsOut.api, expiresOn: Date.parse(read.expiresOn) };
    standing.given(set.api, set.expiresOn);
    if (kind.caller !== undefined) lastIds.set(`${kind.caller} ${set.api}`, set.id);
    uses.plan(set);
  };

  const send = async (kind: Kind, instance: Instance): Promise<number> => {
    const standing = standingOf(instance);
    const [wasAway, deaths] = [instance.isAway(), instance.deaths()];
    const wasGood = standing.watch(kind.handsOut?.api ?? '');
    if (kind.reports !== undefined) standing.reported();
    figures.requests += 1;
    // A connection that was kept may be closed just as it is used again: whoever finds it so asks once more.
    const answer = await ask(kind, instance)
      .catch((error: unknown) => (isTimeout(error) ? Promise.reject(error) : ask(kind, instance)))
      .catch((error: unknown) => String(error));
    if (kind.reports !== undefined) standing.reported();
    const lag = lagMs();
    if (lag > mostLagMs) figures.untimed += 1;
    const isOther = wasAway || instance.deaths() > deaths;
    if (answer === undefined) return 0;
    if (typeof answer === 'string') {
      figures.unanswered += 1;
      if (!isOther && lag <= mostLagMs) findings.note([{ broken: 8, what: `${kind.name} got no answer: ${answer}` }]);
      return 0;
    }
    const { status, headers, tookMs } = answer;
    figures.slowestMs = Math.max(figures.slowestMs, tookMs);
    findings.note(judge(kind, answer, lag));
    if (status === 200) takeSet(kind, standing, answer);
    if (status < 400 || headers.get('via') !== null) return status;
    const code = `${status} ${codeOf(answer.text)}`;
    codes.set(code, (codes.get(code) ?? 0) + 1);
    const isLeft = kind.handsOut !== undefined && kind.reports === undefined && status >= 500;
    if (isLeft && !isOther && wasGood(clock.wall())) trail.refusedThoughGood(headers.get('x-request-id') ?? '');
    return status;
  };

  const pick = (): Instance | undefined => {
    const [first, second] = instances;
    return second && !second.isAway() && !random.chance(shareOfFirst) ? second : first;
  };

  return {
    send,
    sendOne: async () => {
      const instance = pick();
      if (!instance) return;
      const count = random.below(oneIn) === 0 ? burstSize : 0;
      await Promise.all([
        send(drawKind(random), instance),
        ...Array.from({ length: count }, () => send(burst, instance)),
      ]);
    },
    figures: () => ({ ...figures, codes }),
  };
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}
