/** @import { StatusAnswer } from '../contract/status.ts' */
import { h } from './dom.js';
import { presence } from './credentials.js';
import { headersFor, signingKeysOf } from './findings.js';
import { nothing, spark } from './marks.js';
import { fact, lastFailureOf } from './subscription.js';
import { lengthOf, time } from './time.js';

const captions = /** @type {const} */ ({
  handOuts: 'Header sets handed out',
  refusals: 'Requests refused or failed',
  cacheHits: 'Tokens and keys that were there',
  cacheMisses: 'Tokens and keys waited for',
  upstreamLoads: 'Loads from Entra and Key Vault',
  upstreamFailures: 'Loads that failed',
});

/**
 * What the instance that answered did lately. Another may answer next.
 *
 * @param {StatusAnswer} status
 */
export function instancePanel(status) {
  const { instance, readiness, configuration, figures } = status;
  const { source, version, loadedOn, lastFailure, problems } = configuration;
  return h(
    'section',
    { key: 'instance', id: 'instance', 'aria-labelledby': 'instance-title', tabindex: '-1' },
    h('h2', { id: 'instance-title' }, 'This instance'),
    h(
      'ul',
      { class: 'figures' },
      ...Object.entries(captions).map(([name, caption]) =>
        figure(name, caption, figures[/** @type {keyof typeof captions} */ (name)], figures.intervalSeconds),
      ),
    ),
    h(
      'dl',
      { class: 'facts card' },
      fact('Instance', h('code', {}, instance.name), ', since ', time(instance.startedOn)),
      fact('Ready', presence(readiness.ready ? 'there' : readinessOf(status))),
      fact('Signing keys', presence(signingKeysOf(status))),
      fact(
        'Configuration',
        `from a ${source}, `,
        version === null ? nothing('unversioned') : h('code', {}, version),
        ', since ',
        time(loadedOn),
      ),
      fact('Last refused', ...lastFailureOf(lastFailure)),
    ),
    problems.length > 0 &&
      h(
        'div',
        { class: 'card problems', key: 'problems' },
        h('h3', {}, 'Problems of the configuration that was refused'),
        h('ul', {}, ...problems.map((problem) => h('li', {}, problem))),
      ),
  );
}

/** @param {StatusAnswer} status */
function readinessOf(status) {
  const isFailing =
    signingKeysOf(status) === 'failing' || status.readiness.apis.every((api) => headersFor(status, api) === 'failing');
  return isFailing ? 'failing' : 'not-loaded';
}

/**
 * @param {string} name
 * @param {string} caption
 * @param {readonly number[]} counts
 * @param {number} intervalSeconds
 */
function figure(name, caption, counts, intervalSeconds) {
  const sum = counts.reduce((all, count) => all + count, 0);
  const [most, latest] = [Math.max(0, ...counts), counts.at(-2) ?? counts.at(-1) ?? 0];
  const [interval, all] = [lengthOf(intervalSeconds * 1_000), lengthOf(intervalSeconds * 1_000 * counts.length)];
  const isBad = sum > 0 && (name === 'refusals' || name === 'upstreamFailures');
  return h(
    'li',
    { class: isBad ? 'figure bad' : 'figure', key: name },
    h('p', { class: 'caption' }, caption),
    h('p', { class: 'amount' }, h('b', {}, sum.toLocaleString('en-GB')), ` in ${all}`),
    spark(counts),
    h(
      'p',
      { class: 'scale' },
      `last ${interval} ${latest.toLocaleString('en-GB')}, at most ${most.toLocaleString('en-GB')}`,
    ),
  );
}
