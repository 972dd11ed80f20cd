import { runUntilStopped } from '../local/stack/run.ts';
import { holdContest } from './contest.ts';
import type { RowResult } from './results.ts';
import { rows } from './rows.ts';
import { compare, figuresOf } from './statistics.ts';

// One row in a process of its own, for bench/main.ts: what another row has compiled or allocated makes no difference.
const [name = '', roundsGiven] = process.argv.slice(2);

await runUntilStopped(async ({ cleanup, signal, end }) => {
  const load = rows[name];
  if (!load) throw new RangeError(`there is no row "${name}"`);
  const { row } = await load();
  const contest = await row.prepare({ cleanup, signal });
  const rounds = roundsGiven === undefined ? row.rounds : Number(roundsGiven);
  const onRound = (round: number) => void process.stderr.write(round === 0 ? ' warm-up' : ` ${round}`);
  const held = await holdContest(contest, { rounds, warmsUp: row.warmsUp, signal, onRound });
  const result: Pick<RowResult, 'rounds' | 'figures' | 'comparisons'> = {
    rounds,
    figures: figuresOf(held, contest),
    comparisons: contest.comparisons.map((comparison) => compare(held, comparison)),
  };
  await new Promise<void>((resolve) => process.send?.(result, () => resolve()));
  end();
});
