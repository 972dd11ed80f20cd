import type { Random } from '../../test/simulation/random.ts';

/** A request of the load, before it is sent to an instance. */
type Sent = {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** A kind of request, and what may come of it. */
export type Kind = {
  readonly name: string;
  /** How often, beside the others. */
  readonly weight: number;
  /** What may be answered. A refusal because something else failed (5xx, as documented) may always be. */
  readonly expects: readonly number[];
  /** The guarantee that an answer of 2xx would break. */
  readonly guards?: 1 | 2;
  /** What it is given headers for: the answer is a hand-out, and needs an audit record. */
  readonly handsOut?: HandOut;
  /** Whose header sets may be reported later. */
  readonly caller?: string;
  /** The answer tells what stands in the caller's own token. */
  readonly tellsOwn?: true;
  /** A report may replace what is cached for this API. */
  readonly reports?: string;
  /** `undefined` where there is nothing to send yet. */
  readonly make: (material: Material, random: Random) => Sent | undefined;
};

type HandOut = { readonly api: string; readonly isUsable: boolean };

/** What requests are made of. */
export type Material = {
  /** A token by its name: a caller's own, or one of `badTokens`. */
  readonly tokenOf: (name: string) => string;
  /** The id of a header set that a caller was given a moment ago for an API. */
  readonly idOf: (caller: string, api: string) => string | undefined;
};

/** Tokens that open nothing, as the control address makes them. */
export const badTokens: Readonly<Record<string, object>> = {
  attackers: { caller: 'billing', key: 'attacker' },
  unsigned: { caller: 'billing', key: 'none' },
  expired: { caller: 'billing', claims: { exp: 1_700_000_000 } },
  'for another audience': { caller: 'billing', claims: { aud: 'api://another' } },
  'of another tenant': { caller: 'billing', claims: { tid: '00000000-0000-4000-8000-000000000000' } },
  'of a person': { caller: 'billing', claims: { idtyp: 'user', scp: 'Headers.Read' } },
  'without a role': { caller: 'billing', claims: { roles: [] } },
};

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

const allowed = [
  ['billing', 'core', 8],
  ['billing', 'payments', 8],
  ['reporting', 'core', 4],
  ['bookkeeping', 'payments', 4],
  ['bookkeeping', 'invoices', 6],
  ['bookkeeping', 'loyalty', 6],
] as const;

const handOuts: readonly Kind[] = allowed.flatMap(([caller, api, weight]) => [
  {
    name: 'hand-out',
    weight,
    expects: expectedOf(caller),
    handsOut: { api, isUsable: true },
    caller,
    make: ({ tokenOf }) => ({ path: `/v1/headers/${api}`, headers: bearer(tokenOf(caller)) }),
  },
  {
    name: 'hand-out as text',
    weight: weight / 8,
    expects: expectedOf(caller),
    handsOut: { api, isUsable: false },
    make: ({ tokenOf }) => ({
      path: `/v1/headers/${api}`,
      headers: { ...bearer(tokenOf(caller)), Accept: 'text/plain' },
    }),
  },
]);

const others: readonly Kind[] = [
  {
    name: 'sidecar',
    weight: 1,
    expects: [200],
    handsOut: { api: 'payments', isUsable: false },
    make: ({ tokenOf }) => ({ path: '/AuthorizationHeader/payments', headers: bearer(tokenOf('billing')) }),
  },
  {
    // What the API itself answers is passed on, also a fault of its gateway.
    name: 'call',
    weight: 2,
    expects: [200],
    make: ({ tokenOf }) => ({ path: '/v1/call/payments/ping', headers: bearer(tokenOf('billing')) }),
  },
  reportOf('billing', 'core', { status: 401, body: 'Access denied due to invalid subscription key.' }),
  reportOf('billing', 'payments', { status: 401, body: 'Access token is missing or invalid.' }),
  reportOf('bookkeeping', 'invoices', { status: 403 }),
  good('list of APIs', '/v1/apis', 'billing', 1),
  { ...good('own token', '/Validate', 'reporting', 0.5), tellsOwn: true },
  good('status', '/v1/status', 'auditor', 0.7),
  good('rotation', '/v1/rotations/okq8-core', 'platform', 0.5),
  { name: 'dashboard', weight: 0.3, expects: [200, 302, 401, 403, 404], make: () => ({ path: '/dashboard' }) },
  { name: 'health', weight: 0.5, expects: [200], make: () => ({ path: '/healthz' }) },
  { name: 'readiness', weight: 0.3, expects: [200], make: () => ({ path: '/readyz' }) },
];

const refused: readonly Kind[] = [
  ...Object.keys(badTokens).map((name): Kind => ({
    name: `a token ${name}`,
    weight: 0.6,
    expects: [401, 403],
    guards: 1,
    make: ({ tokenOf }) => ({ path: '/v1/headers/core', headers: bearer(tokenOf(name)) }),
  })),
  {
    name: 'no token',
    weight: 0.6,
    expects: [401],
    guards: 1,
    make: () => ({ path: '/v1/headers/payments' }),
  },
  {
    name: 'a changed token',
    weight: 1,
    expects: [401],
    guards: 1,
    make: ({ tokenOf }, random) => ({ path: '/v1/headers/core', headers: bearer(change(tokenOf('billing'), random)) }),
  },
  denied('a stranger', 'stranger', '/v1/headers/core'),
  denied('an API of others', 'reporting', '/v1/headers/payments'),
  denied('an API of others', 'billing', '/v1/headers/loyalty'),
  denied('an operator', 'platform', '/v1/headers/core'),
  denied('status for a caller', 'billing', '/v1/status'),
  denied('a call for who has none', 'bookkeeping', '/v1/call/payments/ping'),
  {
    name: 'a name that is drawn',
    weight: 1,
    expects: [400, 403, 404],
    guards: 2,
    make: ({ tokenOf }, random) => ({ path: `/v1/headers/${wordOf(random)}`, headers: bearer(tokenOf('billing')) }),
  },
  wrong('an unknown query', [400], { path: '/v1/headers/core?nocache=1' }),
  wrong('an unknown access level', [400], { path: '/v1/headers/payments?access=admin' }),
  wrong('a level that Entra refuses', [502], { path: '/v1/headers/payments?access=get' }),
  wrong('a method that is not taken', [404, 405], { method: 'PUT', path: '/v1/headers/core' }),
  wrong('a report that is no JSON', [400], report('core', '{"id":')),
  wrong('a report of a foreign set', [403], report('core', '{"id":"hs_AAAABBBBCCCCDDDDEEEEFFFF","status":401}')),
  wrong('a report that is too long', [400, 413], report('core', JSON.stringify({ id: 'x'.repeat(40_000) }))),
  {
    name: 'a path that is drawn',
    weight: 1,
    expects: [401, 404],
    make: (_, random) => ({ path: `/${wordOf(random)}/${wordOf(random)}`, headers: { 'X-Junk': wordOf(random) } }),
  },
];

/** Everything that the load is made of. */
export const kinds: readonly Kind[] = [...handOuts, ...others, ...refused];

/** What is sent many times at once, so that the caller's limit refuses a part of it. */
export const burst: Kind = {
  name: 'a burst',
  weight: 0,
  expects: [200, 429],
  handsOut: { api: 'core', isUsable: false },
  make: ({ tokenOf }) => ({ path: '/v1/headers/core', headers: bearer(tokenOf('reporting')) }),
};

export function drawKind(random: Random): Kind {
  let at = random.next() * total;
  for (const kind of kinds) {
    at -= kind.weight;
    if (at < 0) return kind;
  }
  return burst;
}

const total = kinds.reduce((sum, { weight }) => sum + weight, 0);

/** Whoever sends bursts is refused other requests, too. */
function expectedOf(who: string, status = 200): readonly number[] {
  return who === 'reporting' ? [status, 429] : [status];
}

function good(name: string, path: string, who: string, weight: number): Kind {
  return { name, weight, expects: expectedOf(who), make: ({ tokenOf }) => ({ path, headers: bearer(tokenOf(who)) }) };
}

function denied(name: string, who: string, path: string): Kind {
  const make: Kind['make'] = ({ tokenOf }) => ({ path, headers: bearer(tokenOf(who)) });
  return { name, weight: 0.6, expects: expectedOf(who, 403), guards: 2, make };
}

function wrong(name: string, expects: readonly number[], sent: Sent): Kind {
  const make: Kind['make'] = ({ tokenOf }) => ({
    ...sent,
    headers: { ...sent.headers, ...bearer(tokenOf('billing')) },
  });
  return { name, weight: 0.5, expects, make };
}

function report(api: string, body: string): Sent {
  return {
    method: 'POST',
    path: `/v1/headers/${api}/rejections`,
    headers: { 'Content-Type': 'application/json' },
    body,
  };
}

/** A false one, of a set that the caller was given. The answer is a hand-out too. */
function reportOf(caller: string, api: string, said: object): Kind {
  return {
    name: 'a false report',
    weight: 0.4,
    expects: [200],
    reports: api,
    handsOut: { api, isUsable: false },
    make: ({ tokenOf, idOf }) => {
      const id = idOf(caller, api);
      if (id === undefined) return undefined;
      const sent = report(api, JSON.stringify({ id, ...said }));
      return { ...sent, headers: { ...sent.headers, ...bearer(tokenOf(caller)) } };
    },
  };
}

/** One character of the payload or the signature is another. */
function change(token: string, random: Random): string {
  const at = random.between(token.indexOf('.') + 1, token.length - 2);
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
}

const letters = Array.from('abcdefghijklmnopqrstuvwxyz0123456789-');

function wordOf(random: Random): string {
  return Array.from({ length: random.between(3, 24) }, () => random.pick(letters)).join('');
}
