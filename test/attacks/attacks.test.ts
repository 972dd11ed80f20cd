import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { endHosts } from '../local/host/child.ts';
import { groups } from './groups.ts';
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

describe.each(groups.map((group) => [group.name, group.guarantee, casesOf(group)] as const))(
  '%s (guarantee %d)',
  (_name, _guarantee, cases) => {
    test.each(cases)('%s', async (_attack, carryOut) => {
      expect(await carryOut(at)).toEqual([]);
    });
  },
);

test('No secret was printed (guarantee 3)', () => {
  expect(judgePrinted(at)).toEqual([]);
});
