import type { Deed, FaultRow } from '../fault.ts';

/** MSAL keeps a token for the whole process: only when that is over, the endpoint is asked again. */
const prepare: Deed = ({ on }) => on.clock.advance(25 * 3_600_000);

function row(name: string, cold: string, rule: object, more: Partial<FaultRow> = {}): FaultRow {
  const spoil: Deed = (at) => at.fault({ target: 'identity', ...rule });
  return { name: `The managed identity’s endpoint ${name}`, prepare, warm: 'served', cold, spoil, ...more };
}

const down = '503 upstream-unavailable';

export const identityRows: readonly FaultRow[] = [
  row('is down: 500', down, { status: 500 }),
  row('never answers', down, { hang: true }, { isSilent: true }),
  row('resets the connection', down, { reset: true }),
  row('knows no such identity', '502 upstream-rejected', {
    status: 400,
    body: { error: { code: 'IdentityNotFound' } },
  }),
];
