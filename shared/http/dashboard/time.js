import { h } from './dom.js';

/** How far the broker's clock is ahead of this machine's, in milliseconds. A page on a phone with a wrong clock still counts down rightly. */
let ahead = 0;

/** @param {string} brokersNow */
export function setClock(brokersNow) {
  ahead = Date.parse(brokersNow) - Date.now();
}

/** The broker's wall clock, milliseconds. */
export function now() {
  return Date.now() + ahead;
}

const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000];

/**
 * A length of time in its largest fitting unit: `40 s`, `12 min`, `5 h`, `30 days`.
 *
 * @param {number} ms
 */
export function lengthOf(ms) {
  if (ms < minute) return `${Math.floor(ms / second)} s`;
  if (ms < hour) return `${Math.floor(ms / minute)} min`;
  if (ms < 2 * day) return hours(ms);
  return `${Math.floor(ms / day)} days`;
}

/** @param {number} ms */
function hours(ms) {
  const [whole, minutes] = [Math.floor(ms / hour), Math.floor((ms % hour) / minute)];
  return whole < 12 && minutes > 0 ? `${whole} h ${minutes} min` : `${whole} h`;
}

/** @param {number} at */
function relative(at) {
  const difference = at - now();
  if (Math.abs(difference) < second) return 'now';
  return difference > 0 ? `in ${lengthOf(difference)}` : `${lengthOf(-difference)} ago`;
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const clockToMinute = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const dayAndTime = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const whole = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long' });

/** The time zone that all times on the page are in. */
export const timeZone = clock.resolvedOptions().timeZone;

/** @param {number} at */
function absolute(at) {
  const [then, today] = [new Date(at), new Date(now())];
  if (then.toDateString() === today.toDateString())
    return (Math.abs(at - now()) < hour ? clock : clockToMinute).format(then);
  return Math.abs(at - now()) < 200 * day ? dayAndTime.format(then) : date.format(then);
}

const shapes = {
  in: relative,
  at: absolute,
  /** @param {number} at */
  both: (at) => `${absolute(at)}, ${relative(at)}`,
};

/**
 * A moment as a `<time>` that is kept up to date.
 *
 * @param {string} moment RFC 3339.
 * @param {keyof typeof shapes} [shape]
 */
export function time(moment, shape = 'both') {
  const at = Date.parse(moment);
  return h('time', { datetime: moment, title: whole.format(at), 'data-shape': shape }, shapes[shape](at));
}

/** Moves on what each `<time>` in the document says. */
export function moveTimesOn() {
  for (const element of document.querySelectorAll('time')) {
    const shape = element.dataset['shape'];
    if (shape !== 'in' && shape !== 'both') continue;
    const text = shapes[shape](Date.parse(element.dateTime));
    if (element.firstChild instanceof Text && element.firstChild.data !== text) element.firstChild.data = text;
  }
}
