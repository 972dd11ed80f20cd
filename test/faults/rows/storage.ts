import type { Deed, FaultRow } from '../fault.ts';

const unrecorded = '503 upstream-unavailable';

function row(name: string, rule: object, more: Partial<FaultRow> = {}): FaultRow {
  const spoil: Deed = (at) => at.fault({ target: 'storage', ...rule });
  const asked = { asks: 5, isAuditInTable: true, isSilent: true } as const;
  return { name: `Storage of the audit trail ${name}`, warm: unrecorded, cold: unrecorded, spoil, ...asked, ...more };
}

export const storageRows: readonly FaultRow[] = [
  row('answers 401', { status: 401 }),
  row('forbids the broker: 403', { status: 403 }),
  row('throttles: 429 with Retry-After of 9 s', { status: 429, headers: { 'Retry-After': '9' } }),
  row('is down: 503', { status: 503 }),
  row('never answers', { hang: true }),
  row('resets the connection', { reset: true }),
  row('answers with an HTML page', { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html></html>' }),
];
