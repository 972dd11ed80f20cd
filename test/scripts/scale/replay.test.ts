import { describe, expect, test } from '@jest/globals';
import type { Cures } from '../../../scripts/scale/instance.ts';
import { replay, type Replay } from '../../../scripts/scale/replay.ts';
import { findMissing, toTable } from '../../../scripts/scale/report.ts';
import { scenarios, type Scenario } from '../../../scripts/scale/scenarios.ts';

const before: Cures = { spread: false, paced: false, restrained: false };
const now: Cures = { spread: true, paced: true, restrained: true };
const small: Replay = { size: { instances: 4, clients: 2, apis: 6 }, simulated: 4, everyMs: 10_000, seed: 1 };
const fleet: Replay = { size: { instances: 10_000, clients: 10, apis: 40 }, simulated: 4, everyMs: 30_000, seed: 1 };

function named(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (!found) throw new Error(name);
  return found;
}

/** A scenario that ends after so long. */
function shortened(name: string, countedUntilMs: number): Scenario {
  const scenario = named(name);
  return { ...scenario, weather: { ...scenario.weather, countedUntilMs } };
}

describe('a small fleet', () => {
  test('reads each secret once in each instance as it starts, and acquires each token once', async () => {
    const outcome = await replay(shortened('scale-out', 60_000), now, small);
    const secrets = 6 + 2 + 1;
    // All that each of an instance's two clients of the vault reads before its first answer is asked twice: here, all.
    expect(outcome.vault.total).toBe(4 * secrets * 2);
    expect(outcome.tokens.total).toBe(4 * 6);
    expect(outcome.signingKeys.total).toBe(4);
    expect(outcome.refused).toBe(0);
    expect(outcome.failedPart).toBe(0);
  });

  test('in a steady state reads each key every five minutes or a little more rarely, and each token every half hour', async () => {
    const { vault, tokens } = await replay(named('steady'), now, small);
    const [minutes, keys] = [15, 4 * 6];
    expect(vault.total).toBeGreaterThan(keys * 2);
    expect(vault.total).toBeLessThanOrEqual(keys * (minutes / 5) + 4 * 2 * 3);
    expect(tokens.total).toBeGreaterThan((keys * minutes) / 30 / 2);
    expect(tokens.total).toBeLessThan(((keys * minutes) / 30) * 2);
  });

  test('each simulated instance counts for as many as it stands for', async () => {
    const all = await replay(shortened('scale-out', 60_000), now, small);
    const some = await replay(shortened('scale-out', 60_000), now, { ...small, simulated: 2 });
    expect(some.vault.total).toBe(all.vault.total);
  });

  test('is lived through the same way again', async () => {
    const once = await replay(named('outage'), now, fleet);
    expect(once.vault.total).toBeGreaterThan(0);
    expect(await replay(named('outage'), now, fleet)).toEqual(once);
  });
});

describe('a fleet that is too large for one vault', () => {
  test('goes far beyond the limit as it starts, and a quarter as far at most now', async () => {
    const scenario = shortened('scale-out', 300_000);
    const [was, is] = [await replay(scenario, before, fleet), await replay(scenario, now, fleet)];
    expect(was.vault.peakIn10s).toBeGreaterThan(400_000);
    expect(is.refused).toBeLessThan(was.refused / 4);
    expect(is.failedPart).toBeLessThanOrEqual(was.failedPart);
  });

  test('refreshes tokens all in the same minute, and spread over a quarter of an hour and more now', async () => {
    const [was, is] = [
      await replay(named('mass-refresh'), before, fleet),
      await replay(named('mass-refresh'), now, fleet),
    ];
    expect(is.tokens.peakIn10s).toBeLessThan(was.tokens.peakIn10s / 5);
    expect(is.failedPart).toBe(0);
  });

  test('fails no hand-out while the vault is down, and asks it little', async () => {
    const [was, is] = [await replay(named('outage'), before, fleet), await replay(named('outage'), now, fleet)];
    expect([was.failedPart, is.failedPart]).toEqual([0, 0]);
    expect(is.vault.peakIn10s).toBeLessThan(was.vault.peakIn10s / 3);
  });
});

describe('the report', () => {
  test('sets each peak beside the limit', async () => {
    const outcome = await replay(shortened('scale-out', 60_000), now, small);
    const table = toTable({ title: 'Small' }, new Map([['now', outcome]]));
    expect(table).toContain('**Small**');
    expect(table).toMatch(/\| now \| 12 \| 72 \| 1\.8 % \| /);
    expect(table).toMatch(/ \| 0 % \| \d+ s \|\n$/);
  });

  test('is found in a page however its tables are aligned, and a line that is not is told', () => {
    const page = '# Page\n\n| a    |    b |\n| ---- | ---: |\n| 1    |    2 |\n';
    expect(findMissing('| a | b |\n| --- | ---: |\n| 1 | 2 |\n', page)).toEqual([]);
    expect(findMissing('| a | b |\n| 1 | 3 |\n', page)).toEqual(['| 1 | 3 |']);
  });
});
