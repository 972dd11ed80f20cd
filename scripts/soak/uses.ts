import type { Clock } from '../../shared/clock.ts';
import type { Random } from '../../test/simulation/random.ts';
import type { Findings } from './findings.ts';

/** What a caller was given. `expiresOn` is wall clock, milliseconds. */
export type HeaderSet = {
  readonly id: string;
  readonly api: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly expiresOn: number;
};

type Dependencies = {
  clock: Clock;
  random: Random;
  findings: Findings;
  gateways: readonly string[];
  /** Whether a gateway had a fault at any moment since then, monotonic. */
  wasFaulty: (gateway: number, since: number) => boolean;
};

export type Uses = {
  /** Plans two uses: one at any moment of its life, and one in the last quarter of a second. */
  plan(set: HeaderSet): void;
  figures(): { uses: number; late: number; refused: number; spoilt: number };
  /** Makes no more. */
  stop(): void;
  /** Resolves when those under way have ended. */
  settled(): Promise<void>;
};

const lastMs = 250;
const limitMs = 10_000;

/** Calls the APIs with header sets, at any gateway. None may refuse one before its `expiresOn`. */
export function createUses({ clock, random, findings, gateways, wasFaulty }: Dependencies): Uses {
  const figures = { uses: 0, late: 0, refused: 0, spoilt: 0 };
  const alarms = new Set<() => void>();
  const underWay = new Set<Promise<void>>();

  const call = async (gateway: number, { api, headers }: HeaderSet): Promise<number> => {
    try {
      const signal = AbortSignal.timeout(limitMs);
      const response = await fetch(`${gateways[gateway]}/${api}/ping`, { headers, signal });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return 0;
    }
  };

  const use = async (set: HeaderSet): Promise<void> => {
    const [since, leftMs] = [clock.monotonic(), set.expiresOn - clock.wall()];
    // The alarm was late: nobody is promised anything any more.
    if (leftMs <= 0) return void (figures.late += 1);
    const gateway = random.below(gateways.length);
    // A connection that was kept may be closed just as it is used again.
    const status = (await call(gateway, set)) || (await call(gateway, set));
    figures.uses += 1;
    if (status === 200) return;
    // A gateway that is down, busy or silent says nothing of the key.
    if (status !== 401 && status !== 403 && wasFaulty(gateway, since)) return void (figures.spoilt += 1);
    figures.refused += 1;
    const what = `gateway ${gateway} answers ${status} to ${set.id} of ${set.api}, which is good for another ${Math.round(leftMs)} ms`;
    findings.note([{ broken: 7, what }]);
  };

  const later = (delayMs: number, set: HeaderSet): void => {
    const cancel = clock.after(delayMs, () => {
      alarms.delete(cancel);
      const using = use(set).finally(() => underWay.delete(using));
      underWay.add(using);
    });
    alarms.add(cancel);
  };

  return {
    plan: (set) => {
      const lifeMs = Math.max(set.expiresOn - clock.wall(), 0);
      later(lifeMs * random.next(), set);
      later(lifeMs - Math.min(lastMs, lifeMs) * random.next(), set);
    },
    figures: () => ({ ...figures }),
    stop: () => {
      for (const cancel of alarms) cancel();
      alarms.clear();
    },
    settled: async () => void (await Promise.all(underWay)),
  };
}
