import type { FaultRow } from '../fault.ts';

const keys = { target: 'entra', path: '**/keys' };
const unknown = '503 upstream-unavailable';

export const signingKeyRows: readonly FaultRow[] = [
  {
    name: 'The tenant’s signing keys are rolled over',
    warm: 'served',
    cold: 'served',
    spoil: ({ on }) => on.steer('/entra', 'POST', { rollKeys: true }),
    isOfSigningKeys: true,
  },
  {
    name: 'The tenant’s signing keys are emptied',
    warm: 'served',
    cold: unknown,
    spoil: (at) => at.fault({ ...keys, status: 200, body: { keys: [] } }),
    isOfSigningKeys: true,
  },
  {
    name: 'The tenant’s signing keys are down for a day',
    warm: 'served',
    cold: unknown,
    spoil: (at) => at.fault({ ...keys, status: 503 }),
    asks: 23,
    everyMinutes: 60,
    isOfSigningKeys: true,
  },
  {
    name: 'The tenant’s signing keys never come',
    warm: 'served',
    cold: unknown,
    spoil: (at) => at.fault({ ...keys, hang: true }),
    isSilent: true,
    isOfSigningKeys: true,
  },
];
