/** @import { RotationView } from '../contract/rotation.ts' */
import { s } from './dom.js';
import { briefly, stateNamed, states } from './words.js';

/** The ring, in units of the picture. */
const [width, height, radius] = [360, 300, 104];
const [centreX, centreY] = [width / 2, height / 2 + 4];

/**
 * The cycle as a ring: the nine states in their order, clockwise from the top; in its middle the two slots, the one that is handed out filled.
 *
 * @param {RotationView} rotation
 */
export function cycle(rotation) {
  const here = states.findIndex(({ name }) => name === rotation.state);
  const ahead = new Set(rotation.plan.slice(1).map(({ state }) => state));
  return s(
    'svg',
    {
      class: 'cycle',
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-label': inWords(rotation),
      'data-state': rotation.state,
    },
    ...states.map((_state, index) => link(index, here, ahead)),
    ...states.map((_state, index) => node(index, here, ahead)),
    ...slots(rotation),
  );
}

/** @param {RotationView} rotation */
function inWords({ state, activeSlot, generation }) {
  return `The cycle of nine states as a ring. It stands at “${briefly(state)}”. The ${activeSlot} key is handed out, generation ${generation}.`;
}

/**
 * Where a state is on the ring.
 *
 * @param {number} index
 * @param {number} [distance]
 */
function pointOf(index, distance = radius) {
  const angle = (index / states.length) * 2 * Math.PI - Math.PI / 2;
  return { x: round(centreX + distance * Math.cos(angle)), y: round(centreY + distance * Math.sin(angle)) };
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}

/**
 * The way from a state to the one after it.
 *
 * @param {number} index
 * @param {number} here
 * @param {Set<string>} ahead
 */
function link(index, here, ahead) {
  const [from, to] = [pointOf(index), pointOf((index + 1) % states.length)];
  const next = states[(index + 1) % states.length]?.name ?? '';
  const isAhead = ahead.has(next) && (index >= here || here <= 0);
  const isPassed = index < here && here > 0;
  return s('path', {
    class: `link ${isPassed ? 'passed' : isAhead ? 'ahead' : 'beside'}`,
    d: `M${from.x} ${from.y}A${radius} ${radius} 0 0 1 ${to.x} ${to.y}`,
  });
}

/**
 * @param {number} index
 * @param {number} here
 * @param {Set<string>} ahead
 */
function node(index, here, ahead) {
  const state = states[index] ?? stateNamed('idle');
  const { x, y } = pointOf(index);
  const place = index === here ? 'here' : index < here ? 'passed' : ahead.has(state.name) ? 'ahead' : 'beside';
  // Those below are beside the dot's halo, which is wider than tall letters.
  const label = pointOf(index, radius + (y > centreY + radius / 2 ? 24 : 17));
  const side = Math.abs(label.x - centreX) < 20 ? 'middle' : label.x > centreX ? 'start' : 'end';
  return s(
    'g',
    { class: `node ${place} ${state.slot ?? 'rest'}` },
    index === here && s('circle', { class: 'halo', cx: x, cy: y, r: 13 }),
    s('circle', { class: 'dot', cx: x, cy: y, r: index === here ? 8 : 6 }),
    s('text', { y: round(label.y + (index === 0 ? -2 : 4)), 'text-anchor': side }, ...linesOf(state.short, label)),
  );
}

/**
 * A word to a line where there are two, for there is little room: upwards in the upper half.
 *
 * @param {string} text
 * @param {{ x: number, y: number }} at
 */
function linesOf(text, { x, y }) {
  const words = text.startsWith('Drain ') ? text.split(' ') : [text];
  const rise = words.length > 1 && y < centreY ? -14 : 0;
  return words.map((word, index) => s('tspan', { x, dy: index === 0 ? rise : 14 }, word));
}

/** @param {RotationView} rotation */
function slots(rotation) {
  return /** @type {const} */ (['primary', 'secondary']).map((name, index) => {
    const isActive = rotation.activeSlot === name;
    const [w, h] = [124, 44];
    const [x, y] = [centreX - w / 2, centreY - h - 5 + index * (h + 10)];
    return s(
      'g',
      { class: `slot ${name} ${isActive ? 'active' : 'alternate'}` },
      s('rect', { x, y, width: w, height: h, rx: 9 }),
      s('text', { class: 'name', x: centreX, y: y + 19, 'text-anchor': 'middle' }, name),
      s('text', { class: 'use', x: centreX, y: y + 35, 'text-anchor': 'middle' }, useOf(rotation, name)),
    );
  });
}

/**
 * What is done with a slot's key now, in a few words.
 *
 * @param {RotationView} rotation
 * @param {'primary' | 'secondary'} slot
 */
export function useOf({ state, activeSlot, compromised }, slot) {
  if (compromised === slot) return 'compromised';
  if (activeSlot === slot) return 'handed out';
  const [phase, of] = state.split('-');
  const uses = {
    regenerating: 'being regenerated',
    settling: 'settling',
    publishing: 'being published',
    draining: 'draining',
  };
  return (of === slot && Object.entries(uses).find(([name]) => name === phase)?.[1]) || 'in reserve';
}

/**
 * The ring so small that only where it stands can be seen.
 *
 * @param {RotationView | null} rotation
 */
export function smallCycle(rotation) {
  const here = rotation ? states.findIndex(({ name }) => name === rotation.state) : -1;
  const angle = (here / states.length) * 2 * Math.PI - Math.PI / 2;
  const slot = states[here]?.slot ?? 'rest';
  return s(
    'svg',
    { class: `small-cycle ${rotation ? '' : 'unknown'}`, viewBox: '0 0 24 24', 'aria-hidden': 'true' },
    s('circle', { class: 'track', cx: 12, cy: 12, r: 8.5 }),
    here > 0 &&
      s('path', {
        class: `way ${slot}`,
        d: `M12 3.5A8.5 8.5 0 ${here > 4 ? 1 : 0} 1 ${round(12 + 8.5 * Math.cos(angle))} ${round(12 + 8.5 * Math.sin(angle))}`,
      }),
    here >= 0 &&
      s('circle', {
        class: `dot ${slot}`,
        cx: round(12 + 8.5 * Math.cos(angle)),
        cy: round(12 + 8.5 * Math.sin(angle)),
        r: 3.5,
      }),
  );
}
