/** @import { Command, RotationAnswer } from '../contract/rotation.ts' */
/** @import { StatusAnswer } from '../contract/status.ts' */
/** @import { Finding } from './findings.js' */
import { smallCycle } from './cycle.js';
import { h } from './dom.js';
import { nothing, sign, tag } from './marks.js';
import { subscriptionDetail } from './subscription.js';
import { time } from './time.js';
import { because, briefly, several } from './words.js';

/**
 * @typedef {StatusAnswer['subscriptions'][number]} Subscription
 * @typedef {{
 *   opened: ReadonlySet<string>,
 *   filter: string,
 *   histories: ReadonlyMap<string, RotationAnswer['history'] | string>,
 *   mayWrite: boolean,
 *   findings: readonly Finding[],
 *   toggle: (name: string) => void,
 *   search: (text: string) => void,
 *   steer: (command: Command, subscription: Subscription) => void,
 * }} Context
 */

/** From this many on there is a box to search them. */
const searchFrom = 9;
/** From this many on, those that are not seen are not laid out. */
const manyFrom = 50;

/**
 * All subscriptions, one line each; the whole of those that are open.
 *
 * @param {readonly Subscription[]} subscriptions
 * @param {Context} context
 */
export function subscriptionList(subscriptions, context) {
  const { filter, opened } = context;
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const worst = worstBySubject(context.findings);
  const shown = subscriptions.filter((one) => opened.has(one.name) || matches(one, worst.get(one.name), words));
  return h(
    'section',
    { key: 'subscriptions', 'aria-labelledby': 'subscriptions' },
    h('h2', { id: 'subscriptions' }, 'Subscriptions'),
    subscriptions.length >= searchFrom && searchBox(subscriptions.length, shown.length, context),
    subscriptions.length === 0 && h('p', {}, 'None is configured.'),
    h(
      'ul',
      { class: shown.length > manyFrom ? 'many' : undefined, key: 'list' },
      ...shown.map((one) => subscription(one, worst.get(one.name), context)),
    ),
  );
}

/** @param {readonly Finding[]} findings sorted, the worst first. */
function worstBySubject(findings) {
  /** @type {Map<string, Finding>} */
  const worst = new Map();
  for (const finding of findings) {
    if (finding.at.startsWith('subscription-') && !worst.has(finding.subject)) worst.set(finding.subject, finding);
  }
  return worst;
}

/**
 * @param {Subscription} subscription
 * @param {Finding | undefined} worst
 * @param {readonly string[]} words
 */
function matches({ name, apis, rotation }, worst, words) {
  const text = [name, ...apis, rotation?.state ?? 'not rotated', worst?.weight ?? 'well'].join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}

/**
 * @param {number} all
 * @param {number} shown
 * @param {Context} context
 */
function searchBox(all, shown, { search }) {
  return h(
    'div',
    { class: 'search', key: 'search' },
    h('label', { for: 'search' }, 'Find'),
    h('input', {
      id: 'search',
      type: 'search',
      placeholder: 'a name, an API, a state, or “fault”',
      autocomplete: 'off',
      spellcheck: 'false',
      oninput: (/** @type {Event} */ { target }) => target instanceof HTMLInputElement && search(target.value),
    }),
    h('p', { role: 'status' }, shown === all ? several(all, 'subscription') : `${shown} of ${all}`),
  );
}

/**
 * @param {Subscription} one
 * @param {Finding | undefined} worst
 * @param {Context} context
 */
function subscription(one, worst, context) {
  const isOpen = context.opened.has(one.name);
  const region = `detail-${one.name}`;
  return h(
    'li',
    { key: one.name, class: 'subscription', id: `subscription-${one.name}` },
    h(
      'h3',
      {},
      h(
        'button',
        {
          type: 'button',
          class: 'line',
          'aria-expanded': String(isOpen),
          'aria-controls': isOpen ? region : undefined,
          onclick: () => context.toggle(one.name),
        },
        smallCycle(one.rotation),
        h('span', { class: 'name' }, one.name),
        h('span', { class: 'state' }, stateOf(one)),
        h('span', { class: 'next' }, ...nextOf(one)),
        h('span', { class: 'signs' }, one.rotation?.paused && tag('paused'), worst ? sign(worst.weight) : sign('well')),
      ),
    ),
    isOpen && subscriptionDetail(one, region, context),
  );
}

/** @param {Subscription} subscription */
function stateOf({ rotation, rotationProblem }) {
  if (rotationProblem === 'no-record') return 'Not seen yet';
  if (rotationProblem !== null) return 'Record unreadable';
  if (rotation) return briefly(rotation.state);
  return 'Rotated by hand';
}

/** @param {Subscription} subscription */
function nextOf({ rotation, rotationProblem }) {
  if (rotationProblem !== null) return [because(rotationProblem)];
  if (!rotation) return [nothing('')];
  const { plan, state, dueOn } = rotation;
  if (state === 'idle') return [time(dueOn, 'in'), ': next run'];
  const next = plan[1];
  return next ? [time(next.notBefore, 'in'), `: ${briefly(next.state).toLowerCase()}`] : [nothing('')];
}
