import type { Trial } from '../fault.ts';
import { createOracle } from '../oracle.ts';

const stallMs = 2_000;
const crowd = 10;

/** Nothing else runs meanwhile, and every alarm that falls due comes before what the sockets have brought. */
export const stall: Trial = {
  name: 'The event loop stalls for 2 s with requests under way',
  carryOut: async (at) => {
    const { on } = at;
    on.restart();
    on.lines.length = 0;
    const oracle = createOracle(at);
    const token = await on.token('billing');
    await oracle.look(await at.ask('core', token));
    const ask = (api: string) => Array.from({ length: crowd }, () => at.ask(api, token));
    const warm = ask('core');
    const cold = ask('payments');
    await new Promise((resolve) => setImmediate(resolve));
    const start = process.hrtime.bigint();
    while (process.hrtime.bigint() - start < BigInt(stallMs) * 1_000_000n);
    await on.clock.advance(stallMs);
    const lookAll = async (asked: typeof warm) => {
      const seen = [];
      for (const answer of await Promise.all(asked)) seen.push(await oracle.look(answer));
      return seen.filter((each) => each === 'served').length;
    };
    const served = [await lookAll(warm), await lookAll(cold)];
    const wrong = served.some((count) => count < crowd) ? ['not all were served'] : [];
    wrong.push(...(await oracle.conclude()));
    const [warmly, coldly] = served.map((count) => `${count} of ${crowd} served, 2 s late`);
    return { warm: warmly ?? '', cold: coldly ?? '', heals: 'at once', wrong };
  },
};
