/** @import { StatusAnswer } from '../contract/status.ts' */
/** @import { Views } from './dom.js' */
import { h } from './dom.js';
import { headersFor } from './findings.js';
import { lifeBar, nothing, print, sign, tag } from './marks.js';
import { fact, lastFailureOf } from './subscription.js';
import { now, time } from './time.js';
import { listed, several } from './words.js';

/** No life is drawn to a scale shorter than this: what ends within minutes is to look short. Milliseconds. */
const leastScaleMs = 3_600_000;

/**
 * The broker's own registrations: their secrets, and their tokens as this instance has them.
 *
 * @param {StatusAnswer['clients']} clients
 */
export function clientList(clients) {
  const ends = clients.flatMap(({ tokens }) =>
    tokens.map(({ usableUntil }) => (usableUntil === null ? 0 : Date.parse(usableUntil) - now())),
  );
  const most = Math.max(leastScaleMs, ...ends);
  return h(
    'section',
    { key: 'clients', 'aria-labelledby': 'clients' },
    h('h2', { id: 'clients' }, 'Clients'),
    clients.length === 0 && h('p', {}, 'No API takes a token.'),
    h('div', { class: 'cards' }, ...clients.map((one) => client(one, most))),
  );
}

/**
 * @param {StatusAnswer['clients'][number]} one
 * @param {number} most
 */
function client({ name, tenantId, credential, secret, tokens }, most) {
  return h(
    'article',
    { class: 'card', key: name, id: `client-${name}`, 'aria-label': name, tabindex: '-1' },
    h('h3', {}, name),
    h(
      'dl',
      { class: 'facts' },
      credential === 'federated'
        ? fact('Federated credential', 'the app’s managed identity')
        : fact(credential === 'certificate' ? 'Certificate' : 'Client secret', ...expiryOf(secret)),
      secret.lastFailure && fact('Last failure', ...lastFailureOf(secret.lastFailure)),
      fact('Tenant', h('code', {}, tenantId)),
    ),
    h('ul', { class: 'tokens' }, ...tokens.map((one) => token(one, most))),
  );
}

/** @param {StatusAnswer['clients'][number]['secret']} secret */
function expiryOf({ expiresOn, daysLeft }) {
  if (expiresOn === null) return [nothing('no expiry known')];
  const days = daysLeft ?? 0;
  const look = days <= 7 ? 'fault' : days <= 30 ? 'warning' : '';
  return [
    'until ',
    time(expiresOn, 'at'),
    ' ',
    Date.parse(expiresOn) <= now() ? tag('expired', 'fault') : tag(several(days, 'day'), look),
  ];
}

/**
 * @param {StatusAnswer['clients'][number]['tokens'][number]} one
 * @param {number} most
 */
function token({ scope, fingerprint, refreshOn, usableUntil, lastFailure }, most) {
  const has = refreshOn !== null && usableUntil !== null;
  return h(
    'li',
    { key: scope },
    h('p', { class: 'scope' }, h('code', {}, scope), ' ', fingerprint !== null && print(fingerprint)),
    has && lifeBar({ now: now(), refresh: Date.parse(refreshOn), end: Date.parse(usableUntil), most }),
    h('p', { class: 'life-words' }, ...lifeInWords(refreshOn, usableUntil, lastFailure !== null)),
    lastFailure && h('p', { class: 'failure' }, sign('warning', 'Last failure'), ...lastFailureOf(lastFailure)),
  );
}

/**
 * Nothing is refreshed that nobody asks for.
 *
 * @param {string | null} refreshOn
 * @param {string | null} usableUntil
 * @param {boolean} isFailing
 * @returns {Views[]}
 */
function lifeInWords(refreshOn, usableUntil, isFailing) {
  if (refreshOn === null || usableUntil === null) return [nothing(isFailing ? 'there is none' : 'not asked for yet')];
  if (Date.parse(usableUntil) <= now()) return ['Ended ', time(usableUntil), '; acquired anew when asked for'];
  if (Date.parse(refreshOn) <= now()) return ['Refreshed when next asked for, usable until ', time(usableUntil)];
  return ['Refreshed ', time(refreshOn, 'in'), ', usable until ', time(usableUntil)];
}

/** @type {Readonly<Record<string, ['well' | 'note' | 'fault', string]>>} */
const inWords = {
  there: ['well', 'there'],
  'not-loaded': ['note', 'loaded when asked for'],
  failing: ['fault', 'not to be had'],
};

/**
 * Whether something is there, in a sign and words.
 *
 * @param {'there' | 'not-loaded' | 'failing'} state
 */
export function presence(state) {
  const [weight, words] = inWords[state] ?? ['note', state];
  return h('span', { class: 'sure' }, sign(weight, ''), words);
}

/** @param {StatusAnswer} status */
export function apiTable(status) {
  const { readiness, subscriptions } = status;
  const subscriptionOf = new Map(subscriptions.flatMap(({ name, apis }) => apis.map((api) => [api, name])));
  return h(
    'section',
    { key: 'apis', 'aria-labelledby': 'apis' },
    h('h2', { id: 'apis' }, 'APIs'),
    h(
      'div',
      { class: 'scrolls', tabindex: '0', role: 'region', 'aria-label': 'Table of APIs' },
      h(
        'table',
        {},
        h('caption', { class: 'unseen' }, 'Whether this instance can hand out headers for each API'),
        h(
          'thead',
          {},
          h('tr', {}, ...['API', 'Headers', 'Subscription'].map((name) => h('th', { scope: 'col' }, name))),
        ),
        h(
          'tbody',
          {},
          ...readiness.apis.map((api) =>
            h(
              'tr',
              { key: api.name },
              h('th', { scope: 'row' }, api.name),
              h('td', {}, presence(headersFor(status, api))),
              h('td', {}, subscriptionOf.get(api.name) ?? nothing()),
            ),
          ),
        ),
      ),
    ),
  );
}

/** @param {StatusAnswer['callers']} callers */
export function callerTable(callers) {
  const number = (/** @type {number} */ count) =>
    h('td', { class: count === 0 ? 'number zero' : 'number' }, count.toLocaleString('en-GB'));
  return h(
    'section',
    { key: 'callers', 'aria-labelledby': 'callers' },
    h('h2', { id: 'callers' }, 'Callers'),
    callers.length === 0 && h('p', {}, 'None is configured.'),
    h(
      'div',
      { class: 'scrolls', tabindex: '0', role: 'region', 'aria-label': 'Table of callers' },
      h(
        'table',
        { class: 'callers' },
        h('caption', { class: 'unseen' }, 'What this instance has answered each caller since it started'),
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('th', { scope: 'col' }, 'Caller'),
            ...['Handed out', 'Refused', 'Failed'].map((name) => h('th', { scope: 'col', class: 'number' }, name)),
            h('th', { scope: 'col' }, 'Last asked'),
            h('th', { scope: 'col' }, 'May have'),
          ),
        ),
        h(
          'tbody',
          {},
          ...callers.map(({ name, apis, handOuts, lastOn }) =>
            h(
              'tr',
              { key: name },
              h('th', { scope: 'row' }, name),
              number(handOuts.allowed),
              number(handOuts.refused),
              number(handOuts.failed),
              h('td', {}, lastOn === null ? nothing('never') : time(lastOn, 'in')),
              h('td', {}, listed(apis)),
            ),
          ),
        ),
      ),
    ),
  );
}
