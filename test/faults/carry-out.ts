import { setTimeout as realTime } from 'node:timers/promises';
import type { FaultRow, Outcome } from './fault.ts';
import { createOracle, type Oracle } from './oracle.ts';
import { withTable, type Answer, type FaultScene } from './scene.ts';
import { isInTable } from './trail.ts';

const minute = 60_000;
/** How many ask at once with nothing cached. */
const crowd = 10;

/** What callers saw, and how many requests it cost the upstreams. */
type Spell = { readonly seen: readonly string[]; readonly retryAfter: string | undefined; readonly upstream: number };

/** Meets a fault with everything cached and with nothing cached, ends it, and waits until callers are served. */
export async function carryOut(at: FaultScene, row: FaultRow): Promise<Outcome> {
  const warm = await meet(at, row, askThrough);
  const cold = await meet(at, row, askAtOnce);
  return {
    fault: row.name,
    warm: describe(warm.spell),
    cold: describe(cold.spell),
    heals: `warm ${describeHealing(warm.healed)}, cold ${describeHealing(cold.healed)}`,
    wrong: [
      ...differences('warm', warm.spell, row.warm),
      ...differences('cold', cold.spell, row.cold),
      ...[...warm.wrong, ...cold.wrong].filter((each, index, all) => all.indexOf(each) === index),
    ],
  };
}

async function meet(at: FaultScene, row: FaultRow, spellOf: typeof askThrough) {
  const { on } = at;
  await row.prepare?.(at);
  on.restart(row.isAuditInTable ? withTable : undefined);
  on.lines.length = 0;
  const oracle = createOracle(at, row.isAuditInTable && isInTable);
  if (spellOf === askThrough) await askOnce(at, row, oracle);
  else if (!row.isOfSigningKeys) await on.ask('apis', 'v1/apis', { token: await on.token('billing') });
  await row.spoil(at);
  await on.steer('/requests', 'DELETE');
  const spell = await spellOf(at, row, oracle);
  await (row.mend?.(at) ?? on.steer('/faults', 'DELETE'));
  const healed = await heal(at, () => askOnce(at, row, oracle), row.healsWithin);
  const late = healed > (row.healsWithin ?? 31) ? [`not healed after ${healed} s`] : [];
  return { spell, healed, wrong: [...(await oracle.conclude()), ...late] };
}

/** Asks again and again while everything is cached, and a caller renews its own token. */
async function askThrough(at: FaultScene, row: FaultRow, oracle: Oracle): Promise<Spell> {
  const { asks = 9, everyMinutes = 6 } = row;
  const answers: Answer[] = [];
  const seen: string[] = [];
  for (let ask = 0; ask < asks; ask += 1) {
    await at.on.clock.advance(everyMinutes * minute);
    const answer = await askOne(at, row);
    answers.push(answer);
    seen.push(await oracle.look(answer));
  }
  return { seen, retryAfter: retryAfterOf(answers), upstream: await countUpstream(at) };
}

/** Many ask at once, of whom nobody finds anything cached. */
async function askAtOnce(at: FaultScene, row: FaultRow, oracle: Oracle): Promise<Spell> {
  const answers = await Promise.all(Array.from({ length: crowd }, () => askOne(at, row)));
  const upstream = await countUpstream(at);
  const seen = [];
  for (const answer of answers) seen.push(await oracle.look(answer));
  return { seen, retryAfter: retryAfterOf(answers), upstream };
}

/** @returns the simulated seconds until a caller is served, or more than there may be. */
export async function heal({ on }: FaultScene, ask: () => Promise<string>, most = 31): Promise<number> {
  let seconds = 0;
  while ((await ask()) !== 'served' && seconds <= most) {
    const step = seconds < 60 ? 1 : 60;
    await on.clock.advance(step * 1_000);
    seconds += step;
  }
  return seconds;
}

async function askOnce(at: FaultScene, row: FaultRow, oracle: Oracle): Promise<string> {
  return oracle.look(await askOne(at, row));
}

async function askOne(at: FaultScene, { api = 'payments', isSilent }: FaultRow): Promise<Answer> {
  const asking = at.ask(api, await at.on.token('billing'));
  return isSilent ? whileTimePasses(at, asking) : asking;
}

/** Lets simulated time pass until there is an answer. Slowly, because sockets take time that is not the clock's. */
export async function whileTimePasses<T>({ on }: FaultScene, asking: Promise<T>): Promise<T> {
  const progress = { isOver: false };
  const asked = asking.finally(() => (progress.isOver = true));
  asked.catch(() => {});
  while (!progress.isOver) {
    await Promise.race([realTime(5), asked.catch(() => {})]);
    if (!progress.isOver) await on.clock.advance(100);
  }
  return asked;
}

async function countUpstream({ on }: FaultScene): Promise<number> {
  const counts = await on.counts();
  return counts.reduce((sum, { target, count }) => sum + (target === 'gateway' ? 0 : count), 0);
}

function retryAfterOf(answers: readonly Answer[]): string | undefined {
  return answers.map(({ headers }) => headers.get('retry-after')).find((value) => value !== null) ?? undefined;
}

function differences(when: string, { seen }: Spell, expected: string): string[] {
  const others = seen.filter((each) => each !== expected);
  return others.length > 0 ? [`${when}: ${others[0]} in place of ${expected}, ${others.length} times`] : [];
}

function describe({ seen, retryAfter, upstream }: Spell): string {
  const refusals = [...new Set(seen)].filter((each) => each !== 'served');
  const served = seen.filter((each) => each === 'served').length;
  const refused = refusals.map((each) => `${each}${retryAfter === undefined ? '' : `, Retry-After ${retryAfter}`}`);
  const parts = [`${served} of ${seen.length} served`, ...refused, `${upstream} upstream requests`];
  return parts.join('; ');
}

export function describeHealing(seconds: number): string {
  return seconds === 0 ? 'at once' : `after ${seconds} s`;
}
