import { rotateQuickly } from '../../support/quick-rotation.ts';
import { whileTimePasses } from '../carry-out.ts';
import type { Trial } from '../fault.ts';
import { createOracle } from '../oracle.ts';

const minute = 60_000;
const ticks = 3;

/** Without the record there is no knowing what was promised: nothing is regenerated, and what is handed out stays good. */
export const rotationWithoutStorage: Trial = {
  name: 'Storage of the rotation’s record is down when a key is due',
  carryOut: async (at) => {
    const { on } = at;
    on.restart(rotateQuickly);
    on.lines.length = 0;
    const oracle = createOracle(at);
    const wrong: string[] = [];
    const ask = async () => oracle.look(await at.ask('core', await on.token('billing')));
    const tick = () => whileTimePasses(at, on.tick());
    const count = (event: string) => on.lines.filter((line) => line.event === event).length;
    await tick();
    const keys = JSON.stringify(on.stack.apiManagement.keys('okq8-core'));
    await on.clock.advance(11 * minute);
    await at.fault({ target: 'storage', status: 503 });
    let served = 0;
    for (let taken = 0; taken < ticks; taken += 1) {
      await tick();
      if ((await ask()) === 'served') served += 1;
    }
    const failed = count('rotation-failed');
    if (failed === 0) wrong.push('no alert');
    if (served < ticks) wrong.push('not all were served');
    if (JSON.stringify(on.stack.apiManagement.keys('okq8-core')) !== keys) wrong.push('a key was regenerated');
    await on.steer('/faults', 'DELETE');
    const steps = count('rotation-step');
    let needed = 0;
    for (; needed < 5 && count('rotation-step') === steps; needed += 1) {
      await on.clock.advance(minute);
      await tick();
    }
    if (needed === 5) wrong.push('the rotation does not go on');
    wrong.push(...(await oracle.conclude()));
    const warm = `${served} of ${ticks} served; no key regenerated; ${failed} alerts`;
    return { warm, cold: 'the same', heals: `at tick ${needed} after its end`, wrong };
  },
};
