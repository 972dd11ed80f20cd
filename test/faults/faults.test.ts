import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { endHosts } from '../local/host/child.ts';
import { faults } from './rows.ts';
import { openFaultScene, type FaultScene } from './scene.ts';

let at: FaultScene;
beforeAll(async () => {
  at = await openFaultScene();
}, 60_000);
afterAll(async () => {
  await at?.close();
  await endHosts();
});

describe('No secret is printed (guarantee 3), what is good is served (guarantee 6), and callers are served again after it', () => {
  test.each(faults.map(({ name, meet }) => [name, meet] as const))('%s', async (_name, meet) => {
    expect((await meet(at)).wrong).toEqual([]);
  });
});
