import type { Group } from '../attack.ts';
import type { Browser } from '../browser/browser.ts';
import { toSiege, type PageAttack } from '../browser/page-attack.ts';

/** What a page of another origin runs, as the body of an async function with `broker`, and what the app is asked by it. */
type Script = readonly [name: string, script: string, asked: readonly string[], isOld?: boolean];

const commands = ['start', 'pause', 'resume', 'rollback', 'emergency'];
const pathOf = (command: string) => `/v1/rotations/okq8-core/${command}`;
const json = '{"reason":"x","confirm":"okq8-core"}';
const each = (status: number) => commands.map((command) => `POST ${pathOf(command)} ${status} +`);
/** Does something with the address of every command. */
const forEach = (what: string) => `for (const command of ${JSON.stringify(commands)}) {
  const url = broker + '/v1/rotations/okq8-core/' + command;
  ${what}
}`;

/** No frame shows a page of the broker's, and no click into one reaches it. */
const framing: readonly Script[] = [
  ...(['iframe', 'object', 'embed'] as const).map((tag): Script => {
    const address = tag === 'object' ? 'data' : 'src';
    return [
      `the dashboard in a frame: ${tag}`,
      `await add('${tag}', { ${address}: broker + '/dashboard', width: 900, height: 900, style: 'opacity: 0.01' })`,
      ['GET /dashboard 403 +'],
    ];
  }),
  [
    'the dashboard in a frame: iframe, of an older browser',
    `await add('iframe', { src: broker + '/dashboard', width: 900, height: 900 })`,
    ['GET /dashboard 200 +'],
    true,
  ],
  ['the status in a frame', `await add('iframe', { src: broker + '/v1/status' })`, ['GET /v1/status 403 +']],
];

const status = ['GET /v1/status 403 +'];
const reading: readonly Script[] = [
  ['reading by fetch', `return (await fetch(broker + '/v1/status', { credentials: 'include' })).text()`, status],
  [
    'reading by fetch without CORS',
    `return (await fetch(broker + '/v1/status', { mode: 'no-cors', credentials: 'include' })).text()`,
    status,
  ],
  [
    'reading the history by XMLHttpRequest',
    `const ask = new XMLHttpRequest();
    ask.withCredentials = true;
    ask.open('GET', broker + '/v1/rotations/okq8-core');
    await new Promise((resolve) => { ask.onloadend = resolve; ask.send(); });
    return ask.responseText`,
    ['GET /v1/rotations/okq8-core 403 +'],
  ],
  [
    'reading the trail by events',
    `const events = new EventSource(broker + '/v1/audit?caller=billing', { withCredentials: true });
    await new Promise((resolve) => { events.onopen = events.onmessage = () => resolve(won = 'open'); events.onerror = resolve; });
    events.close()`,
    ['GET /v1/audit?caller=billing 403 +'],
  ],
  [
    'reading by a socket',
    `const socket = new WebSocket(broker.replace('http', 'ws') + '/v1/status');
    await new Promise((resolve) => { socket.onopen = () => resolve(won = 'open'); socket.onerror = resolve; })`,
    status,
  ],
  ...(
    [
      ['as a script', 'script', 'src'],
      ['as a picture', 'img', 'src'],
      ['as a film', 'video', 'src'],
    ] as const
  ).map(([how, tag, address]): Script => [
    `including the status ${how}`,
    `if ((await add('${tag}', { ${address}: broker + '/v1/status' })) !== 'error') won = 'it was loaded'`,
    status,
  ]),
  [
    'including the status as a style sheet',
    `if ((await add('link', { rel: 'stylesheet', href: broker + '/v1/status' })) !== 'error') won = 'it was loaded'`,
    status,
  ],
  [
    'including the dashboard as a module',
    `return Object.keys(await import(broker + '/dashboard/app.js'))`,
    ['GET /dashboard/app.js 200'],
  ],
  [
    'including a script of the dashboard’s',
    `if ((await add('script', { src: broker + '/dashboard/words.js' })) !== 'error') won = 'it was loaded'`,
    ['GET /dashboard/words.js 200 +'],
  ],
  [
    'including a picture of the dashboard’s',
    `if ((await add('img', { src: broker + '/dashboard/icon.svg' })) !== 'error') won = 'it was loaded'`,
    ['GET /dashboard/icon.svg 200 +'],
  ],
  [
    'fetching ahead',
    `await add('link', { rel: 'prefetch', as: 'document', href: broker + '/dashboard' })`,
    ['GET /dashboard 403 +'],
  ],
  [
    'registering a service worker of ours',
    `await navigator.serviceWorker.register(broker + '/dashboard/app.js'); won = 'registered'`,
    [],
  ],
];

const forms = [
  ['urlencoded', 'application/x-www-form-urlencoded', `{ reason: 'x', confirm: 'okq8-core' }`],
  ['in parts', 'multipart/form-data', `{ reason: 'x', confirm: 'okq8-core' }`],
  ['that looks like JSON', 'text/plain', `{ '{"reason":"x","confirm":"okq8-core","x":"': '"}' }`],
] as const;

const steering: readonly Script[] = [
  ...forms.flatMap(([how, enctype, fields]): Script[] => [
    [`a form ${how}`, forEach(`await submit(url, { enctype: '${enctype}', fields: ${fields} });`), each(403)],
    [
      `a form ${how}, of an older browser`,
      forEach(`await submit(url, { enctype: '${enctype}', fields: ${fields} });`),
      each(400),
      true,
    ],
  ]),
  [
    'a form in place of the page',
    `submit(broker + '${pathOf('start')}', { target: '_top', enctype: 'text/plain', fields: { reason: 'x' } })`,
    [`POST ${pathOf('start')} 403 +`],
  ],
  [
    'a form that names another method',
    `await submit(broker + '${pathOf('start')}?_method=POST', { fields: { _method: 'PUT' } })`,
    [`POST ${pathOf('start')}?_method=POST 403 +`],
  ],
  [
    'a form by GET, in place of the page',
    `submit(broker + '${pathOf('start')}', { method: 'GET', target: '_top', fields: { reason: 'x' } })`,
    [`GET ${pathOf('start')}?reason=x 405 +`],
  ],
  [
    'a fetch without CORS, JSON or not',
    forEach(
      `await fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include', body: '${json}',
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'x' } });`,
    ),
    each(403),
  ],
  [
    'a fetch without CORS, of an older browser',
    forEach(`await fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include', body: '${json}' });`),
    each(400),
    true,
  ],
  [
    'a fetch that outlives its page',
    `fetch(broker + '${pathOf('emergency')}', { method: 'POST', mode: 'no-cors', credentials: 'include', keepalive: true, body: '${json}' });
    location.href = 'about:blank'`,
    [`POST ${pathOf('emergency')} 403 +`],
  ],
  ...(['JSON', 'an Idempotency-Key', 'another method'] as const).map((what): Script => {
    const headers = {
      JSON: { 'Content-Type': 'application/json', 'Idempotency-Key': 'x' },
      'an Idempotency-Key': { 'Idempotency-Key': 'x' },
      'another method': { 'X-HTTP-Method-Override': 'POST' },
    }[what];
    return [
      `a fetch with ${what}`,
      forEach(
        `await fetch(url, { method: 'POST', credentials: 'include', headers: ${JSON.stringify(headers)}, body: '${json}' }).then(() => { won = 'answered'; }, () => {});`,
      ),
      commands.map((command) => `OPTIONS ${pathOf(command)} 405`),
    ];
  }),
  [
    'beacons',
    `const body = (type) => new Blob(['${json}'], { type });
    navigator.sendBeacon(broker + '${pathOf('start')}', '${json}');
    navigator.sendBeacon(broker + '${pathOf('pause')}', new URLSearchParams({ reason: 'x' }));
    navigator.sendBeacon(broker + '${pathOf('resume')}', body('application/json'))`,
    [`POST ${pathOf('start')} 403 +`, `POST ${pathOf('pause')} 403 +`, `OPTIONS ${pathOf('resume')} 405`],
  ],
  [
    'a link that is followed',
    `const link = Object.assign(document.createElement('a'), { href: broker + '${pathOf('emergency')}' });
    document.body.append(link);
    link.click()`,
    [`GET ${pathOf('emergency')} 405 +`],
  ],
  [
    'a link that is fetched ahead, a picture and a style sheet',
    `await add('link', { rel: 'prefetch', href: broker + '${pathOf('start')}' });
    await add('img', { src: broker + '${pathOf('pause')}' });
    await add('link', { rel: 'stylesheet', href: broker + '${pathOf('resume')}' })`,
    ['start', 'pause', 'resume'].map((command) => `GET ${pathOf(command)} 405 +`),
  ],
  [
    'the doctor, by a form',
    `await submit(broker + '/v1/doctor', { enctype: 'text/plain' })`,
    ['POST /v1/doctor 403 +'],
  ],
  [
    'headers for APIs, by the session',
    `await submit(broker + '/AuthorizationHeader/core');
    await add('img', { src: broker + '/v1/headers/core' })`,
    ['POST /AuthorizationHeader/core 401 +', 'GET /v1/headers/core 401 +'],
  ],
];

const all = [...framing, ...reading, ...steering];
/** What the session's cookie goes along with whatever is said of it. */
const ofNeighbours = all.filter(([name]) => /in a frame: iframe$|by fetch|^a form |^beacons/.test(name));

const toAttack =
  (origin: keyof Browser['foreign']) =>
  ([name, script, asked, isOld = false]: Script): PageAttack => ({
    name: `${origin}: ${name}`,
    url: ({ foreign }) => foreign[origin],
    carryOut: async ({ page, browser: { broker } }) => {
      const run = `(async (broker) => { ${script} })(${JSON.stringify(broker)}).then((value) => value ?? won, () => won)`;
      // A page that has gone elsewhere says nothing more.
      const won = await page.evaluate(run).catch(() => undefined);
      await page.mouse.click(400, 400);
      return won;
    },
    asked,
    behaviour: () => ({ isOld }),
  });

export const foreignPages: Group = {
  name: 'Pages of another origin, in Chromium',
  guarantee: 1,
  needsBrowser: true,
  rows: [],
  sieges: [...all.map(toAttack('another site')), ...ofNeighbours.map(toAttack('a sister site'))].map(toSiege),
};
