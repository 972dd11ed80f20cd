import type { Deed, FaultRow } from '../fault.ts';

type Rule = { [name: string]: unknown };

const down = '503 upstream-unavailable';
const refused = '502 upstream-rejected';
const html = { headers: { 'Content-Type': 'text/html' }, body: '<html><body>sign in</body></html>' };

function row(name: string, cold: string, rule: Rule, more: Partial<FaultRow> = {}): FaultRow {
  const spoil: Deed = (at) => at.fault({ target: 'entra', path: '**/token', ...rule });
  return { name: `Entra ${name}`, warm: 'served', cold, spoil, ...more };
}

/** Entra answers with a token whose life is told so. */
function lives(name: string, life: string, more: Partial<FaultRow> = {}): FaultRow {
  const body = `{"token_type":"Bearer","access_token":"abc"${life}}`;
  const headers = { 'Content-Type': 'application/json' };
  return row(`says that a token lives ${name}`, refused, { status: 200, headers, body }, more);
}

export const entraRows: readonly FaultRow[] = [
  row('is down: 503', down, { status: 503 }),
  row('resets the connection', down, { reset: true }),
  row('never answers', down, { hang: true }, { isSilent: true }),
  row('is slow: a second for each answer', 'served', { delay: '1s' }, { isSilent: true }),
  row(
    'throttles: 429 with Retry-After of an hour',
    down,
    { status: 429, headers: { 'Retry-After': '3600' } },
    { healsWithin: 3_700 },
  ),
  row('answers 503 with an HTML page', down, { status: 503, ...html }),
  row('answers 200 with an HTML page', refused, { status: 200, ...html }),
  row('answers half a document', refused, {
    status: 200,
    headers: { 'Content-Type': 'application/json' },
    body: '{"token_type":"Bearer","expires_in":3599,"access_token":"ab',
  }),
  row('answers nothing at all', refused, { status: 200, body: '' }),
  lives('for 0 s', ',"expires_in":0'),
  lives('for -1 s', ',"expires_in":-1'),
  lives('for 1e999 s', ',"expires_in":1e999'),
  lives('for "soon"', ',"expires_in":"soon"'),
  lives('for no stated time', ''),
  row('answers with a token with a line break', refused, {
    status: 200,
    headers: { 'Content-Type': 'application/json' },
    body: '{"token_type":"Bearer","expires_in":3599,"access_token":"abc\\r\\nX-Other: 1"}',
  }),
  row('refuses the client secret', refused, {
    status: 401,
    headers: { 'Content-Type': 'application/json' },
    body: '{"error":"invalid_client","error_codes":[7000215],"error_description":"AADSTS7000215: Invalid client secret"}',
  }),
];
