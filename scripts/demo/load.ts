import type { Clock } from '../../shared/clock.ts';

/** What a caller was given. `expiresOn` is wall clock, milliseconds. */
export type HeaderSet = { id: string; api: string; headers: Readonly<Record<string, string>>; expiresOn: number };

/** What came of asking the broker: `unreachable` is no answer at all. */
export type Asked = HeaderSet | { status: number } | 'unreachable';

/** A header set that was not accepted although its time had not come, or that the broker would not give. */
export type Refusal = {
  by: 'broker' | 'gateway';
  api: string;
  /** HTTP's, or 0 for no answer. */
  status: number;
  gateway?: number;
  id?: string;
  ageMs?: number;
  /** How long the header set would still have been good. */
  leftMs?: number;
};

export type Figures = { headerSets: number; uses: number; refusals: number; askedAgain: number };

export type Load = {
  figures(): Figures;
  /** Asks and uses no more; resolves when what is under way has ended. */
  stop(): Promise<void>;
};

type Dependencies = {
  clock: Clock;
  ask: (caller: string, api: string) => Promise<Asked>;
  /** Resolves with the gateway's status; 0 for no answer. */
  use: (gateway: number, set: HeaderSet) => Promise<number>;
  /** Whether the broker is being restarted: then a refusal of its own is no more than no answer. */
  isBrokerAway?: () => boolean;
  random?: () => number;
};
type Options = {
  /** Each is a service that asks again and again for one API. */
  callers: readonly { caller: string; api: string }[];
  /** How many there are. */
  gateways: number;
  askEveryMs: number;
  usesPerSet: number;
  /** Told of the first twenty. */
  onRefusal?: (refusal: Refusal) => void;
};

/** How soon a caller asks again that got no answer. */
const retryMs = 200;
/** One use of each header set is in the last of its life: there it hurts most. */
const lastMs = 250;
const toldRefusals = 20;

/** Services at work: they ask the broker, and use what they get at random moments before its `expiresOn`, at any gateway. */
export function startLoad(
  { clock, ask, use, isBrokerAway = () => false, random = Math.random }: Dependencies,
  options: Options,
): Load {
  const figures: Figures = { headerSets: 0, uses: 0, refusals: 0, askedAgain: 0 };
  const alarms = new Set<() => void>();
  const underWay = new Set<Promise<void>>();
  let isStopped = false;

  const refuse = (refusal: Refusal): void => {
    figures.refusals += 1;
    if (figures.refusals <= toldRefusals) options.onRefusal?.(refusal);
  };

  const later = (delayMs: number, work: () => Promise<void>): void => {
    if (isStopped) return;
    const cancel = clock.after(delayMs, () => {
      alarms.delete(cancel);
      const working = work().finally(() => underWay.delete(working));
      underWay.add(working);
    });
    alarms.add(cancel);
  };

  const useOnce = async (set: HeaderSet, issuedAt: number): Promise<void> => {
    const at = clock.wall();
    // The alarm was late: nobody is promised anything any more.
    if (at >= set.expiresOn) return;
    const gateway = Math.floor(random() * options.gateways);
    const status = await use(gateway, set);
    figures.uses += 1;
    if (status === 200) return;
    const { id, api, expiresOn } = set;
    refuse({ by: 'gateway', api, status, gateway, id, ageMs: at - issuedAt, leftMs: expiresOn - at });
  };

  const plan = (set: HeaderSet): void => {
    const issuedAt = clock.wall();
    const lifeMs = set.expiresOn - issuedAt;
    figures.headerSets += 1;
    later(lifeMs - Math.min(lastMs, lifeMs) * random(), () => useOnce(set, issuedAt));
    for (let n = 1; n < options.usesPerSet; n += 1) later(lifeMs * random(), () => useOnce(set, issuedAt));
  };

  const work = async (caller: string, api: string): Promise<void> => {
    const wasAway = isBrokerAway();
    const asked = await ask(caller, api);
    const isGiven = asked !== 'unreachable' && 'expiresOn' in asked;
    if (!isGiven && (asked === 'unreachable' || wasAway || isBrokerAway())) {
      figures.askedAgain += 1;
      return later(retryMs, () => work(caller, api));
    }
    if (isGiven) plan(asked);
    else refuse({ by: 'broker', api, status: asked.status });
    later(options.askEveryMs * (0.5 + random()), () => work(caller, api));
  };

  for (const { caller, api } of options.callers) later(options.askEveryMs * random(), () => work(caller, api));
  return {
    figures: () => ({ ...figures }),
    stop: async () => {
      isStopped = true;
      for (const cancel of alarms) cancel();
      alarms.clear();
      await Promise.all(underWay);
    },
  };
}
