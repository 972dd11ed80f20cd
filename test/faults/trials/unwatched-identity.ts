import { describeHealing, heal } from '../carry-out.ts';
import type { Trial } from '../fault.ts';
import { createOracle } from '../oracle.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

/** A refresh that fails until the expiry with nobody waiting was once an unhandled rejection in the SDK, which ends a worker. */
export const unwatchedIdentity: Trial = {
  name: 'The managed identity’s endpoint is down until the credential’s token expired, nobody waiting',
  carryOut: async (at) => {
    const { on } = at;
    await on.clock.advance(day);
    on.restart();
    on.lines.length = 0;
    const oracle = createOracle(at);
    const ask = async () => oracle.look(await at.ask('core', await on.token('billing')));
    const wrong = (await ask()) === 'served' ? [] : ['not served before'];
    await at.fault({ target: 'identity', status: 500 });
    await on.clock.advance(day - minute);
    await ask();
    await on.clock.advance(60 * minute);
    const seen = await ask();
    if (seen !== '503 upstream-unavailable') wrong.push(`${seen} in place of 503`);
    await on.steer('/faults', 'DELETE');
    const healed = await heal(at, ask);
    if (healed > 31) wrong.push(`not healed after ${healed} s`);
    wrong.push(...(await oracle.conclude()));
    return { warm: `${seen}, once the token is over`, cold: 'as above', heals: describeHealing(healed), wrong };
  },
};
