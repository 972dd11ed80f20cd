import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chromiumAdvice } from '../../scripts/screenshots/chromium.ts';
import { endHosts } from '../local/host/child.ts';
import { groups, isPossible } from './groups.ts';
import { judgePrinted } from './judge.ts';
import { casesOf } from './run.ts';
import { openScene, type Scene } from './scene.ts';

let at: Scene;
beforeAll(async () => {
  at = await openScene();
}, 60_000);
afterAll(async () => {
  await at?.close();
  await endHosts();
});

const leftOut = groups.filter((group) => !isPossible(group));
for (const { name } of leftOut) process.stderr.write(`Left out: ${name}. ${chromiumAdvice}\n`);

describe.each(groups.filter(isPossible).map((group) => [group.name, group.guarantee, casesOf(group)] as const))(
  '%s (guarantee %d)',
  (_name, _guarantee, cases) => {
    // The first that needs a browser waits until there is one.
    test.each(cases)(
      '%s',
      async (_attack, carryOut) => {
        expect(await carryOut(at)).toEqual([]);
      },
      60_000,
    );
  },
);

test('No secret was printed (guarantee 3)', () => {
  expect(judgePrinted(at)).toEqual([]);
});
