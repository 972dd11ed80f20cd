import type { Control } from '../demo/calls.ts';
import type { Findings } from './findings.ts';
import type { Instance } from './instance.ts';
import { kinds } from './requests.ts';
import type { Traffic } from './traffic.ts';

/** Many who ask at once an instance that has nothing cached. */
export type Stampede = {
  /** Kills it, and asks as soon as it serves again. Does nothing where it is away already. */
  carryOut(instance: Instance, awayMs: number): Promise<void>;
};

const crowd = 8;
const askedFor = ['payments', 'invoices', 'loyalty'];
/** An instance asks once for each of three scopes. The other may renew its own meanwhile, also after a report, and this one is asked by others, too. */
const mostIssued = 3 * askedFor.length;

export function createStampede({
  control,
  traffic,
  findings,
}: {
  control: Control;
  traffic: Pick<Traffic, 'send'>;
  findings: Findings;
}): Stampede {
  /** How many tokens Entra has issued to the broker so far. */
  const count = async (): Promise<number> =>
    (await control.counts())
      .filter(({ target, path, status }) => target === 'entra' && path.endsWith('/token') && status === 200)
      .reduce((sum, each) => sum + each.count, 0);
  const asking = kinds.filter(({ name, handsOut }) => name === 'hand-out' && askedFor.includes(handsOut?.api ?? ''));

  return {
    carryOut: async (instance, awayMs) => {
      if (instance.isAway()) return;
      const before = await count();
      await instance.kill(awayMs);
      const all = asking.flatMap((kind) => Array.from({ length: crowd }, () => kind));
      await Promise.all(all.map((kind) => traffic.send(kind, instance)));
      const issued = (await count()) - before;
      if (issued <= mostIssued) return;
      findings.note([{ broken: 5, what: `${all.length} cold requests made ${issued} token requests` }]);
    },
  };
}
