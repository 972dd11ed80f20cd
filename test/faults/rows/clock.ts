import type { Deed, FaultRow } from '../fault.ts';

const minute = 60_000;

function row(name: string, aheadMs: number, seen: string): FaultRow {
  const spoil: Deed = (at) => at.setAhead(aheadMs);
  return { name: `The broker’s clock ${name}`, warm: seen, cold: seen, spoil, mend: (at) => at.setAhead(0), asks: 10 };
}

export const clockRows: readonly FaultRow[] = [
  row('jumps 5 minutes ahead', 5 * minute, 'served'),
  row('jumps 5 minutes back', -5 * minute, 'served'),
  row('jumps 2 hours ahead', 120 * minute, '401 invalid-token'),
  row('jumps 2 hours back', -120 * minute, '401 invalid-token'),
];
