import type { Group, Siege } from './attack.ts';
import { judge, judgePrinted } from './judge.ts';
import { openScene, type Scene } from './scene.ts';

/** What was wrong with one case. */
export type Failure = { readonly group: string; readonly attack: string; readonly wrong: readonly string[] };

/** Runs groups one after the other, on one start of the app. */
export async function runGroups(groups: readonly Group[], onFailure: (failure: Failure) => void): Promise<void> {
  const at = await openScene();
  try {
    for (const group of groups) await runGroup(at, group, onFailure);
    const printed = judgePrinted(at);
    if (printed.length > 0) onFailure({ group: 'all', attack: 'what was printed', wrong: printed });
  } finally {
    await at.close();
  }
}

async function runGroup(at: Scene, group: Group, onFailure: (failure: Failure) => void): Promise<void> {
  for (const [attack, carryOut] of casesOf(group)) {
    const wrong = await carryOut(at).catch((error: unknown) => [String(error)]);
    if (wrong.length > 0) onFailure({ group: group.name, attack, wrong });
  }
}

/** Everything that a group does, as one thing each that says what was wrong. */
export function casesOf({ rows, sieges = [] }: Group): Siege[] {
  return [...rows.map((row): Siege => [row[0], (at) => judge(at, row)]), ...sieges];
}
