/** @import { Command, RotationAnswer, SteeringAnswer } from '../contract/rotation.ts' */
/** @import { StatusAnswer } from '../contract/status.ts' */
/** @import { Finding } from './findings.js' */
/** @import { Unanswered } from './renewal.js' */
/** @import { Subscription } from './subscriptions.js' */
import { apiTable, callerTable, clientList } from './credentials.js';
import { openSteeringDialog } from './dialog.js';
import { h, show } from './dom.js';
import { findingsOf, verdictOf } from './findings.js';
import { instancePanel } from './instance.js';
import { sign } from './marks.js';
import { ask, keepRenewing } from './renewal.js';
import { captions } from './steering.js';
import { subscriptionList } from './subscriptions.js';
import { lengthOf, moveTimesOn, now, setClock, time, timeZone } from './time.js';
import { briefly } from './words.js';

/** From when on what is shown is called old, and how many findings are listed unless more are asked for. */
const [staleAfterMs, findingsShown, openedAtFirst] = [15_000, 8, 2];

const signIn = '/.auth/login/aad?post_login_redirect_uri=/dashboard';

const places = Object.fromEntries(
  ['main', 'freshness', 'notice', 'announcer', 'foot'].map((id) => [
    id,
    /** @type {HTMLElement} */ (document.querySelector(`#${id}`)),
  ]),
);

/** @type {{ status: StatusAnswer | undefined, receivedAt: number, error: Unanswered | undefined, result: string | undefined, filter: string, showsAll: boolean }} */
const page = { status: undefined, receivedAt: 0, error: undefined, result: undefined, filter: '', showsAll: false };
/** @type {Set<string>} */
const opened = new Set();
/** @type {Map<string, RotationAnswer['history'] | string>} */
const histories = new Map();
/** What a history was read for: it is read again when the rotation has gone on. @type {Map<string, string>} */
const readFor = new Map();

const renew = async () => {
  /** @type {StatusAnswer} */
  const status = await ask('/v1/status');
  setClock(status.generatedOn);
  if (!page.status) openAtFirst(status);
  page.status = status;
  page.receivedAt = performance.now();
  render();
  await Promise.all(status.subscriptions.filter(({ name }) => opened.has(name)).map(renewHistory));
};

const renewNow = keepRenewing(renew, (error) => {
  page.error = error;
  renderNotice();
});

/**
 * What the address names, what is under way and what fails is open at first.
 *
 * @param {StatusAnswer} status
 */
function openAtFirst({ subscriptions }) {
  const named = location.hash.replace(/^#subscription-/, '');
  const busy = subscriptions.filter(({ rotation }) => rotation && (rotation.state !== 'idle' || rotation.lastFailure));
  const wanted = subscriptions.some(({ name }) => name === named)
    ? [named]
    : [...busy, ...subscriptions].slice(0, busy.length > 0 ? openedAtFirst : 1).map(({ name }) => name);
  for (const name of new Set(wanted)) opened.add(name);
}

/** @param {Subscription} subscription */
async function renewHistory({ name, rotation }) {
  const current = JSON.stringify([
    rotation?.state,
    rotation?.generation,
    rotation?.paused,
    rotation?.compromised,
    rotation?.dueOn,
  ]);
  if (readFor.get(name) === current && typeof histories.get(name) === 'object') return;
  try {
    /** @type {RotationAnswer} */
    const { history } = await ask(`/v1/rotations/${encodeURIComponent(name)}`);
    histories.set(name, history);
    readFor.set(name, current);
  } catch (error) {
    if (!histories.has(name)) histories.set(name, error instanceof Error ? error.message : 'It cannot be read.');
  }
  render();
}

/** @param {string} name */
function toggle(name) {
  if (!opened.delete(name)) opened.add(name);
  render();
  const subscription = page.status?.subscriptions.find((one) => one.name === name);
  if (opened.has(name) && subscription) void renewHistory(subscription);
}

/**
 * @param {Command} command
 * @param {Subscription} subscription
 */
function steer(command, subscription) {
  openSteeringDialog(command, subscription, (answer) => {
    page.result = resultOf(answer);
    readFor.delete(answer.subscription);
    renderNotice();
    renewNow();
  });
}

/** @param {SteeringAnswer} answer */
function resultOf({ subscription, command, replayed, outage, rotation }) {
  const next = rotation.plan[1];
  const done = `${captions[command]}, ${subscription}: ${replayed ? 'had been carried out already' : 'done'}.`;
  const follows = next ? ` It stands at “${briefly(rotation.state)}”; next comes “${briefly(next.state)}”.` : '';
  return `${done}${outage === null ? '' : ` ${outage}`}${follows}`;
}

let verdict = '';

function render() {
  const { status, filter } = page;
  if (!status) return;
  const findings = findingsOf(status, now());
  const context = {
    opened,
    filter,
    histories,
    findings,
    toggle,
    steer,
    mayWrite: status.operator.mayWrite,
    search: (/** @type {string} */ text) => {
      page.filter = text;
      render();
    },
  };
  show(
    places['main'] ?? document.body,
    verdictPanel(findings),
    subscriptionList(status.subscriptions, context),
    clientList(status.clients),
    apiTable(status),
    callerTable(status.callers),
    instancePanel(status),
  );
  show(
    places['foot'] ?? document.body,
    h(
      'p',
      {},
      `Times are those of ${timeZone}. Caches and figures are those of one instance; rotations are everyone’s.`,
    ),
  );
  const next = verdictOf(findings);
  // Read out when it changes, and not when the page opens: it stands at the top there.
  if (verdict !== '' && verdict !== next) show(places['announcer'] ?? document.body, next);
  verdict = next;
  const faults = findings.filter(({ weight }) => weight === 'fault').length;
  document.title = faults > 0 ? `(${faults}) Token broker` : 'Token broker';
  renderFreshness();
}

/** @param {readonly Finding[]} findings */
function verdictPanel(findings) {
  const worst = findings.some(({ weight }) => weight === 'fault')
    ? 'fault'
    : findings.some(({ weight }) => weight === 'warning')
      ? 'warning'
      : 'well';
  const shown = page.showsAll ? findings : findings.slice(0, findingsShown);
  const more = findings.length - shown.length;
  return h(
    'section',
    { key: 'verdict', class: `verdict ${worst}`, 'aria-labelledby': 'verdict' },
    h('h2', { id: 'verdict' }, sign(worst, ''), verdictOf(findings)),
    findings.length > 0 && h('ul', { class: 'findings', key: 'findings' }, ...shown.map(finding)),
    more > 0 &&
      h(
        'button',
        { key: 'more', type: 'button', class: 'button', onclick: showAll },
        `Show ${more.toLocaleString('en-GB')} more`,
      ),
  );
}

function showAll() {
  page.showsAll = true;
  render();
}

/** @param {Finding} one */
function finding({ weight, key, what, subject, at, since, until }) {
  const when = until ?? since;
  return h(
    'li',
    { key },
    sign(weight),
    h(
      'p',
      {},
      subject !== '' && h('a', { href: `#${at}`, onclick: () => openSubject(at, subject) }, subject),
      subject === '' ? '' : ': ',
      what,
    ),
    when !== undefined && h('span', { class: 'when' }, until === undefined ? 'since ' : 'until ', time(when)),
  );
}

/**
 * @param {string} at
 * @param {string} subject
 */
function openSubject(at, subject) {
  if (at.startsWith('subscription-') && !opened.has(subject)) toggle(subject);
}

function renderFreshness() {
  const { status } = page;
  if (!status) return;
  const old = performance.now() - page.receivedAt;
  const told = old < 10_000 ? 'Up to date' : `As of ${lengthOf(old)} ago`;
  show(places['freshness'] ?? document.body, h('span', { class: old < staleAfterMs ? 'fresh' : 'stale' }, told));
}

/** What went wrong, or what came of steering. It is announced, so it changes only when there is something else to say. */
function renderNotice() {
  const { error, status, receivedAt, result } = page;
  const isOld = performance.now() - receivedAt >= staleAfterMs;
  const notices = [];
  if (error?.isSignedOut)
    notices.push(
      h(
        'p',
        { class: 'notice fault', key: 'signed-out' },
        sign('fault', ''),
        h(
          'span',
          {},
          'You are signed out. ',
          h('a', { href: signIn }, 'Sign in again'),
          status ? ' What is shown here is as it was then.' : '',
        ),
      ),
    );
  else if (error && (isOld || !status))
    notices.push(
      h(
        'p',
        { class: 'notice warning', key: 'stale' },
        sign('warning', ''),
        h(
          'span',
          {},
          status ? ['Not up to date since ', time(status.generatedOn, 'at'), '. '] : '',
          error.message,
          ' Trying again.',
        ),
        h('button', { type: 'button', class: 'button', onclick: renewNow }, 'Try now'),
      ),
    );
  if (result !== undefined)
    notices.push(
      h(
        'p',
        { class: 'notice done', key: 'result' },
        sign('well', ''),
        h('span', {}, result),
        h('button', { type: 'button', class: 'button', onclick: dismiss }, 'Dismiss'),
      ),
    );
  show(places['notice'] ?? document.body, ...notices);
}

function dismiss() {
  page.result = undefined;
  renderNotice();
}

setInterval(() => {
  if (document.hidden) return;
  moveTimesOn();
  renderFreshness();
  renderNotice();
}, 1_000);
