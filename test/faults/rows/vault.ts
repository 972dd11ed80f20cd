import type { Deed, FaultRow } from '../fault.ts';
import type { FaultScene } from '../scene.ts';

const down = '503 upstream-unavailable';
const refused = '502 upstream-rejected';
const subscription = 'okq8-core';

/** A key is good for as long as was promised with it; without a promise, for minutes after it was read. */
function promised({ on }: FaultScene): object {
  return { generation: '1', slot: 'primary', safeUntil: new Date(on.clock.wall() + 3_600_000).toISOString() };
}

const prepare: Deed = (at) => at.on.steer(`/vault/${subscription}`, 'POST', { tags: promised(at) });

function row(name: string, cold: string, rule: object, more: Partial<FaultRow> = {}): FaultRow {
  const spoil: Deed = (at) => at.fault({ target: 'vault', ...rule });
  return { name: `Key Vault ${name}`, api: 'core', prepare, warm: 'served', cold, spoil, ...more };
}

/** Something that is done to the secret itself, and undone. */
function secret(name: string, harm: object, remedy: object = {}): FaultRow {
  const mend: Deed = (at) => {
    const value = at.on.stack.apiManagement.keys(subscription)?.primary;
    const undone = 'value' in harm ? { value, tags: promised(at) } : remedy;
    return at.on.steer(`/vault/${subscription}`, 'POST', undone);
  };
  const spoil: Deed = ({ on }) => on.steer(`/vault/${subscription}`, 'POST', harm);
  const fault = `Key Vault: the secret ${name}`;
  return { name: fault, api: 'core', prepare, warm: 'served', cold: refused, spoil, mend };
}

export const vaultRows: readonly FaultRow[] = [
  row('answers 401', refused, { status: 401 }),
  row('forbids the broker: 403', refused, { status: 403 }),
  row('throttles: 429 with Retry-After of 20 s', down, { status: 429, headers: { 'Retry-After': '20' } }),
  row('is down: 503', down, { status: 503 }),
  row('never answers', down, { hang: true }, { isSilent: true }),
  row('is slow: 500 ms for each answer', 'served', { delay: '500ms' }, { isSilent: true }),
  row('resets the connection', down, { reset: true }),
  row('answers with an HTML page', down, {
    status: 200,
    headers: { 'Content-Type': 'text/html' },
    body: '<html></html>',
  }),
  row('answers with another document', down, { status: 200, body: '{"value":7}' }),
  row('answers with half a document', down, {
    status: 200,
    headers: { 'Content-Type': 'application/json' },
    body: '{"value":"ab',
  }),
  secret('is deleted', { delete: true }, { recover: true }),
  row('has purged the secret', refused, {
    path: `/secrets/${subscription}*`,
    status: 404,
    body: { error: { code: 'SecretNotFound', message: 'A secret with that name was not found in this key vault.' } },
  }),
  secret('is disabled', { enabled: false }, { enabled: true }),
  secret('has a value with a line break', { value: 'CANARY0\n' }),
  secret('is empty', { value: '' }),
];
