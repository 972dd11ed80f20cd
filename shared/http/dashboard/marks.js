// Small pictures, each with what it shows in words beside it.
import { h, s } from './dom.js';

/** @type {Readonly<Record<string, [string, View[]]>>} */
const signs = {
  fault: [
    'Wrong',
    [s('path', { d: 'M8 1.2 14.8 8 8 14.8 1.2 8Z' }), s('path', { class: 'cut', d: 'M8 4.6v4m0 1.9v.9' })],
  ],
  warning: ['Needs a look', [s('path', { d: 'M8 1.4 15 14H1Z' }), s('path', { class: 'cut', d: 'M8 6v3.6m0 1.6v.9' })]],
  note: ['Note', [s('circle', { cx: 8, cy: 8, r: 6.6 }), s('path', { class: 'cut', d: 'M8 7.2v4M8 4.4v.9' })]],
  well: ['Well', [s('circle', { cx: 8, cy: 8, r: 6.6 }), s('path', { class: 'cut', d: 'm4.9 8.2 2.2 2.2 4-4.5' })]],
};

/** @import { View } from './dom.js' */

/**
 * A sign whose shape, and not only its colour, says how grave it is.
 *
 * @param {'fault' | 'warning' | 'note' | 'well'} weight
 * @param {string} [label] where no text beside it says the same.
 */
export function sign(weight, label) {
  const [usual, shapes] = signs[weight] ?? ['', []];
  const accessible = label === '' ? { 'aria-hidden': 'true' } : { role: 'img', 'aria-label': label ?? usual };
  return s('svg', { class: `sign ${weight}`, viewBox: '0 0 16 16', ...accessible }, ...shapes);
}

/**
 * A word in a frame.
 *
 * @param {string} text
 * @param {string} [look]
 */
export function tag(text, look = '') {
  return h('span', { class: `tag ${look}` }, text);
}

/** What is not known or does not apply. */
export function nothing(text = 'none') {
  return h('span', { class: 'nothing' }, text);
}

/** @param {string | null} fingerprint */
export function print(fingerprint) {
  return fingerprint === null
    ? nothing()
    : h('code', { class: 'print', title: 'Fingerprint: names a secret and tells nothing of it' }, fingerprint);
}

/**
 * What is left of a life, from now on: up to the refresh, and on to the end. All of a page's are drawn to one scale.
 *
 * @param {{ now: number, refresh: number, end: number, most: number }} life Milliseconds.
 */
export function lifeBar({ now, refresh, end, most }) {
  const [width, height] = [200, 14];
  const x = (/** @type {number} */ at) => Math.round(Math.min(Math.max((at - now) / most, 0), 1) * width * 10) / 10;
  return s(
    'svg',
    { class: 'life', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    s('rect', { class: 'track', x: 0, y: 4, width, height: 6 }),
    s('rect', { class: 'rest', x: 0, y: 4, width: x(end), height: 6 }),
    s('rect', { class: 'fresh', x: 0, y: 4, width: Math.min(x(refresh), x(end)), height: 6 }),
    s('rect', { class: 'tick', x: Math.max(Math.min(x(refresh), width - 2) - 1, 0), y: 0, width: 2, height }),
  );
}

/**
 * Counts by interval, as bars; the last is under way.
 *
 * @param {readonly number[]} counts
 */
export function spark(counts) {
  const [width, height] = [180, 36];
  const most = Math.max(...counts, 1);
  const step = width / Math.max(counts.length, 1);
  const bars = counts.map((count, index) => {
    const tall = count === 0 ? 0 : Math.max((count / most) * (height - 2), 2);
    const isLast = index === counts.length - 1;
    const [x, y] = [index * step, height - 1 - tall].map((value) => Math.round(value * 100) / 100);
    return s('rect', { class: isLast && 'under-way', x, y, width: Math.round(step * 78) / 100, height: tall });
  });
  return s(
    'svg',
    { class: 'spark', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    s('rect', { class: 'base', x: 0, y: height - 1, width, height: 1 }),
    ...bars,
  );
}
