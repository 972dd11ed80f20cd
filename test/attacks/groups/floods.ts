import { connect } from 'node:net';
import { randomBytes } from 'node:crypto';
import { apis, clients, tenants, type Client } from '../../../local/sample.ts';
import { bearer, headersPath, type Group, type Siege } from '../attack.ts';
import { askAll, tally } from '../flood.ts';
import { askedOf } from '../judge.ts';
import { loudest, type Scene } from '../scene.ts';
import type { Answer, Sent } from '../wire.ts';
import { respell } from './jwt-forgery.ts';

const random = () => `x${randomBytes(9).toString('hex')}`;
const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Requests that have never been seen, are all answered alike, and together ask for no more than so many upstream requests; for none unless told. */
type Flood = readonly [name: string, make: (at: Scene) => readonly Sent[], status: number, mostAsked?: number];

const asSiege = ([name, make, status, most = 0]: Flood): Siege => [
  name,
  async (at) => {
    const requests = make(at);
    let answers: readonly Answer[] = [];
    const asked = await askedOf(at, async () => {
      answers = await askAll(at.app, requests);
    });
    return [
      ...different('statuses', tally(answers), { [status]: requests.length }),
      ...(asked.length > most ? [`${asked.length} upstream requests`] : []),
    ];
  },
];

/** What may be kept of thousands of requests: nothing, give or take what the process does besides. */
const [mostEntries, mostHeap] = [50, 2_000_000];

/** By now everything is loaded that is loaded once. */
const kept: Siege[1] = async (at) => {
  const before = await at.app.weigh();
  for (const [, make] of alike) await askAll(at.app, make(at));
  const after = await at.app.weigh();
  const [entries, heap] = [after.entries - before.entries, after.heap - before.heap];
  return [...(entries > mostEntries ? [`${entries} entries`] : []), ...(heap > mostHeap ? [`${heap} bytes`] : [])];
};

function different(what: string, found: object, expected: object): string[] {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
  return one === other ? [] : [`${what} ${one} in place of ${other}`];
}

const count = 90;
const report = (token: string, body: string): Sent => ({
  method: 'POST',
  path: `${headersPath}/rejections`,
  headers: [
    ['Authorization', `Bearer ${token}`],
    ['Content-Type', 'application/json'],
  ],
  body,
});
const asBilling =
  (make: (token: string) => Sent) =>
  ({ token }: Scene) => {
    const own = token();
    return times(count, () => make(own));
  };

/** Of the last character of a signature of 256 bytes four bits are not used. */
const spellings = 15;

const alike: readonly Flood[] = [
  [
    'random kids',
    ({ header, claims }) => {
      const payload = encode(claims());
      return times(count, () => bearer(`${encode(header({ kid: random() }))}.${payload}.${random()}`));
    },
    401,
    // For the first of them, and then for none in five minutes.
    1,
  ],
  [
    'many encodings of one token',
    ({ token }) => {
      const good = times(count / spellings, () => token());
      return good.flatMap((one) => times(spellings, (index) => bearer(respell(one, index + 1))));
    },
    401,
  ],
  ['random signatures', asBilling((own) => bearer(own.replace(/[^.]+$/, random()))), 401],
  ['random APIs', asBilling((own) => bearer(own, `/v1/headers/${random()}`)), 403],
  ['random access levels', asBilling((own) => bearer(own, `/v1/headers/payments?access=${random()}`)), 400],
  ['random parameters', asBilling((own) => bearer(own, `${headersPath}?${random()}=1`)), 400],
  ['random paths', asBilling((own) => bearer(own, `/${random()}`)), 404],
  ['random calls', asBilling((own) => bearer(own, `/v1/call/${random()}/${random()}`)), 403],
  // Anybody may ask whether it is ready; nobody has it ask others for that.
  [
    'random words to a probe',
    () => times(count, () => ({ path: '/readyz', headers: [['User-Agent', random()]] })),
    200,
  ],
  ['random ids', asBilling((own) => report(own, JSON.stringify({ id: `hs_${random()}`, status: 401 }))), 403],
  [
    'reports of 33 KB',
    asBilling((own) => report(own, JSON.stringify({ id: 'hs_x', body: random().repeat(1_800) }))),
    400,
  ],
];

/** Of each client's tenant, as many tokens as there are scopes; the worker warms itself meanwhile, and asks for nothing twice. */
const scopes = Object.values(apis).flatMap(({ oauth }) => (oauth ? [oauth.client] : []));
const tokensOf = ([name, { tenantId }]: readonly [string, Client]) =>
  [`entra POST /${tenantId}/oauth2/v2.0/token`, scopes.filter((client) => client === name).length] as const;
const mostAsked = new Map<string, number>(Object.entries(clients).map(tokensOf));
const leastAsked = [
  `/${tenants.broker}/discovery/v2.0/keys`,
  '/secrets/okq8-core',
  '/secrets/okq8-payments',
  '/secrets/okq8-client-secret',
];

const stampede: Siege[1] = async (at) => {
  await at.restart();
  const requests = times(240, (index) =>
    bearer(at.token(index % 3 === 0 ? 'reporting' : 'billing'), index % 3 === 2 ? '/v1/headers/payments' : headersPath),
  );
  let answers: readonly Answer[] = [];
  const asked = await askedOf(at, async () => {
    answers = await Promise.all(requests.map((sent) => at.app.ask(sent)));
  });
  const countOf = (name: string) => asked.filter((one) => one === name).length;
  const repeated = [...new Set(asked)].filter((name) => countOf(name) > (mostAsked.get(name) ?? 1));
  return [
    ...different('statuses', tally(answers), { 200: requests.length }),
    ...different('asked more than once', repeated, []),
    ...leastAsked.filter((path) => !asked.some((one) => one.includes(path))).map((path) => `nobody asked for ${path}`),
  ];
};

const loud: Siege[1] = async (at) => {
  const { burst } = loudest;
  const own = at.token('bookkeeping');
  // In its name, but not by it: nothing of its share is spent.
  const forged = await askAll(
    at.app,
    times(burst, () => bearer(at.forged(at.header(), at.claims('bookkeeping')))),
  );
  let answers = forged;
  const asked = await askedOf(at, async () => {
    answers = await askAll(
      at.app,
      times(3 * burst, () => bearer(own, '/v1/apis')),
    );
  });
  const others = await askAll(
    at.app,
    times(burst, (index) => bearer(at.token(index % 2 === 0 ? 'billing' : 'reporting'))),
  );
  const waits = answers.filter(({ status }) => status === 429).map(({ headers }) => Number(headers['retry-after']));
  return [
    ...different('in its name', tally(forged), { 401: burst }),
    ...different('its own', tally(answers), { 200: burst, 429: 2 * burst }),
    ...different('the others', tally(others), { 200: burst }),
    ...different('upstream requests', asked, []),
    ...(waits.every((seconds) => seconds > 90 && seconds <= 100) ? [] : [`Retry-After ${waits.join()}`]),
  ];
};

/** Connections whose request never ends. */
const slow: Siege[1] = async (at) => {
  const begun = times(200, () => connect(at.app.port, '127.0.0.1'));
  const partial = `POST ${headersPath}/rejections HTTP/1.1\r\nHost: broker.test\r\nContent-Length: 100\r\n\r\n{`;
  await Promise.all(begun.map((socket) => new Promise((resolve) => socket.write(partial, resolve))));
  const answers = await askAll(
    at.app,
    times(20, () => bearer(at.token())),
  );
  for (const socket of begun) socket.destroy();
  return different('the others', tally(answers), { 200: 20 });
};

export const floods: Group = {
  name: 'Floods',
  guarantee: 5,
  rows: [],
  sieges: [
    ['a cold stampede asks each upstream once', stampede],
    ['one loud caller is told to wait, and nobody else', loud],
    ['connections that are never done keep nobody waiting', slow],
    ...alike.map(asSiege),
    ['nothing is left of any of these', kept],
  ],
};
