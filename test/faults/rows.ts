import { carryOut } from './carry-out.ts';
import type { FaultRow, Outcome, Trial } from './fault.ts';
import { stall } from './trials/stall.ts';
import { clockRows } from './rows/clock.ts';
import { entraRows } from './rows/entra.ts';
import { identityRows } from './rows/identity.ts';
import { signingKeyRows } from './rows/signing-keys.ts';
import { storageRows } from './rows/storage.ts';
import { vaultRows } from './rows/vault.ts';
import { processTrials } from './trials/process.ts';
import { rotationWithoutStorage } from './trials/rotation.ts';
import { unwatchedIdentity } from './trials/unwatched-identity.ts';
import type { FaultScene } from './scene.ts';

/** A fault of the table, and how it is met. */
export type Met = { readonly name: string; readonly meet: (at: FaultScene) => Promise<Outcome> };

/** Storage comes first: it is a process of its own, and takes no token of a time that is yet to come. */
const met: readonly (FaultRow | Trial)[] = [
  ...storageRows,
  rotationWithoutStorage,
  ...entraRows,
  ...vaultRows,
  ...identityRows,
  unwatchedIdentity,
  ...signingKeyRows,
  ...clockRows,
  stall,
  ...processTrials,
];

export const faults: readonly Met[] = met.map((fault) => ({
  name: fault.name,
  meet: async (at) => {
    // Whatever is left of one that could not be met.
    await at.on.steer('/faults', 'DELETE');
    await at.setAhead(0);
    return 'carryOut' in fault ? { fault: fault.name, ...(await fault.carryOut(at)) } : carryOut(at, fault);
  },
}));
