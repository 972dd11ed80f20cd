// The page is described anew at each renewal, and the document changed in place to what is described: focus, scroll position and what was typed stay.

/**
 * @typedef {{ tag: string, namespace: string, attributes: Record<string, unknown>, children: View[] }} Element_
 * @typedef {Element_ | string | number | false | null | undefined} View
 * @typedef {View | View[] | (View | View[])[]} Views
 */

const html = 'http://www.w3.org/1999/xhtml';
const svg = 'http://www.w3.org/2000/svg';

/**
 * Describes an element. `key` tells it from its siblings; `on…` is a listener; what is `undefined`, `null` or `false` is left out.
 *
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...Views} children
 * @returns {Element_}
 */
export function h(tag, attributes = {}, ...children) {
  return { tag, namespace: html, attributes, children: flatten(children) };
}

/**
 * The same for SVG.
 *
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...Views} children
 * @returns {Element_}
 */
export function s(tag, attributes = {}, ...children) {
  return { tag, namespace: svg, attributes, children: flatten(children) };
}

/**
 * @param {readonly Views[]} views
 * @returns {View[]}
 */
function flatten(views) {
  return views.flatMap((one) => (Array.isArray(one) ? flatten(one) : [one]));
}

/**
 * Makes what is in an element what is described.
 *
 * @param {Element} parent
 * @param {...Views} views
 */
export function show(parent, ...views) {
  const focused = document.activeElement;
  showChildren(parent, flatten(views));
  // An element that had to be moved has lost it.
  if (focused instanceof HTMLElement && focused !== document.activeElement && focused.isConnected) {
    focused.focus({ preventScroll: true });
  }
}

/** @type {WeakMap<Node, unknown>} */
const keys = new WeakMap();

/**
 * @param {Element} parent
 * @param {View[]} views
 */
function showChildren(parent, views) {
  const wanted = views.filter((view) => view !== undefined && view !== null && view !== false);
  const keyed = removeUnwanted(parent, wanted);
  /** @type {ChildNode | null} */
  let place = parent.firstChild;
  for (const view of wanted) {
    const node = toNode(view, place, keyed);
    if (node === place) place = place.nextSibling;
    else parent.insertBefore(node, place);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

/**
 * Takes keyed elements away that are no longer described, so that those that stay need not move.
 *
 * @param {Element} parent
 * @param {View[]} wanted
 */
function removeUnwanted(parent, wanted) {
  const wantedKeys = new Set(wanted.map(keyOf));
  /** @type {Map<unknown, Element>} */
  const keyed = new Map();
  for (const child of Array.from(parent.children)) {
    const key = keys.get(child);
    if (key === undefined) continue;
    if (wantedKeys.has(key)) keyed.set(key, child);
    else child.remove();
  }
  return keyed;
}

/** @param {View} view */
function keyOf(view) {
  return typeof view === 'object' && view !== null ? view.attributes['key'] : undefined;
}

/**
 * @param {View} view
 * @param {ChildNode | null} place
 * @param {Map<unknown, Element>} keyed
 * @returns {ChildNode}
 */
function toNode(view, place, keyed) {
  if (typeof view !== 'object' || view === null) return toText(String(view), place);
  const key = keyOf(view);
  const known = key === undefined ? place : (keyed.get(key) ?? null);
  const isSame = known instanceof Element && known.localName === view.tag && keys.get(known) === key;
  const element = isSame ? known : document.createElementNS(view.namespace, view.tag);
  if (!isSame) keys.set(element, key);
  setAttributes(element, view.attributes);
  showChildren(element, view.children);
  return element;
}

/**
 * @param {string} text
 * @param {ChildNode | null} place
 */
function toText(text, place) {
  if (!(place instanceof Text)) return document.createTextNode(text);
  if (place.data !== text) place.data = text;
  return place;
}

/**
 * @param {Element} element
 * @param {Record<string, unknown>} attributes
 */
function setAttributes(element, attributes) {
  for (const { name } of Array.from(element.attributes)) {
    if (!isGiven(attributes[name])) element.removeAttribute(name);
  }
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'key') continue;
    if (name.startsWith('on')) Reflect.set(element, name, value);
    else if (isGiven(value)) setAttribute(element, name, value === true ? '' : String(value));
  }
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {string} value
 */
function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** @param {unknown} value */
function isGiven(value) {
  return value !== undefined && value !== null && value !== false;
}
