/** @import { StatusAnswer } from '../contract/status.ts' */
import { because, listed, several } from './words.js';

/**
 * What is not well, or will not be.
 *
 * - `fault`: something fails now, or will without a person.
 * - `warning`: nothing fails yet.
 * - `note`: good to know.
 *
 * @typedef {'fault' | 'warning' | 'note'} Weight
 * @typedef {{ weight: Weight, what: string, since?: string | undefined, until?: string | undefined, subject: string, at: string, key: string }} Finding
 * @typedef {Omit<Finding, 'subject' | 'at'>} Told
 */

/** @type {Readonly<Record<Weight, number>>} */
const order = { fault: 0, warning: 1, note: 2 };

/**
 * Everything of which somebody should know, the most urgent first. `at` is where on the page more of it stands.
 *
 * @param {StatusAnswer} status
 * @param {number} now The broker's wall clock, milliseconds.
 * @returns {Finding[]}
 */
export function findingsOf(status, now) {
  const { subscriptions, clients } = status;
  const found = [
    ...ofInstance(status).map((told) => ({ ...told, subject: '', at: 'instance' })),
    ...subscriptions.flatMap((one) => at(`subscription-${one.name}`, one.name, ofSubscription(one, now))),
    ...clients.flatMap((one) => at(`client-${one.name}`, one.name, ofClient(one, now))),
  ];
  return found.toSorted((a, b) => order[a.weight] - order[b.weight] || urgency(a) - urgency(b));
}

/**
 * The sentence at the top of the page.
 *
 * @param {readonly Finding[]} findings
 */
export function verdictOf(findings) {
  const count = (/** @type {Weight} */ weight) => findings.filter((one) => one.weight === weight).length;
  const [faults, warnings] = [count('fault'), count('warning')];
  const will = several(warnings, 'thing needs', 'things need');
  if (faults > 0) {
    const wrong = several(faults, 'thing is', 'things are');
    return warnings > 0
      ? `${wrong} wrong, and ${several(warnings, 'more needs', 'more need')} a look.`
      : `${wrong} wrong.`;
  }
  return warnings > 0 ? `All is well now, but ${will} a look.` : 'All is well.';
}

/** @param {Finding} finding */
function urgency({ until }) {
  return until === undefined ? 0 : Date.parse(until);
}

/**
 * @param {string} where
 * @param {string} subject
 * @param {Told[]} told
 */
function at(where, subject, told) {
  return told.map((one) => ({ ...one, subject, at: where, key: `${where} ${one.key}` }));
}

/**
 * Whether headers for an API are there, could be loaded when somebody asks, or could last not be had. What a caller has not asked for lately is
 * not cached, and nothing is wrong with that.
 *
 * @param {StatusAnswer} status
 * @param {StatusAnswer['readiness']['apis'][number]} api
 * @returns {'there' | 'not-loaded' | 'failing'}
 */
export function headersFor({ subscriptions, clients }, { name, ready }) {
  if (ready) return 'there';
  const subscription = subscriptions.find(({ apis }) => apis.includes(name));
  const isTokenMissing = clients.some(
    ({ secret, tokens }) => secret.lastFailure ?? tokens.some(({ lastFailure }) => lastFailure),
  );
  return subscription?.key.lastFailure || isTokenMissing ? 'failing' : 'not-loaded';
}

/**
 * The same of the keys by which callers are told apart. Nobody says why they are missing; that something failed lately is a hint.
 *
 * @param {StatusAnswer} status
 * @returns {'there' | 'not-loaded' | 'failing'}
 */
export function signingKeysOf({ readiness, figures }) {
  if (readiness.signingKeys) return 'there';
  return figures.upstreamFailures.slice(-10).some((count) => count > 0) ? 'failing' : 'not-loaded';
}

/** @param {StatusAnswer} status */
function ofInstance(status) {
  const { readiness, configuration } = status;
  /** @type {Told[]} */
  const told = [];
  const failing = readiness.apis.filter((api) => headersFor(status, api) === 'failing').map(({ name }) => name);
  if (signingKeysOf(status) === 'failing')
    told.push(fault('signing-keys', 'Callers cannot be told apart: Entra’s signing keys are not to be had.'));
  if (failing.length > 0 && failing.length === readiness.apis.length)
    told.push(fault('apis', 'Nothing can be handed out: no API has a key and a token.'));
  else if (failing.length > 0) told.push(fault('apis', `No headers can be handed out for ${listed(failing)}.`));
  const { lastFailure, problems } = configuration;
  if (lastFailure) {
    const why = problems.length > 0 ? several(problems.length, 'problem') : because(lastFailure.reason);
    told.push(
      warning('configuration', `A newer configuration was not taken into use: ${why}.`, { since: lastFailure.on }),
    );
  }
  return told;
}

/**
 * @param {StatusAnswer['subscriptions'][number]} subscription
 * @param {number} now
 */
function ofSubscription({ key, rotation, rotationProblem }, now) {
  /** @type {Told[]} */
  const told = [];
  if (rotationProblem === 'no-record')
    told.push({ weight: 'note', key: 'record', what: `not rotated yet: ${because(rotationProblem)}.` });
  else if (rotationProblem !== null)
    told.push(fault('record', `nothing is rotated: its record cannot be read (${because(rotationProblem)}).`));
  if (rotation) told.push(...ofRotation(rotation, now));
  if (key.lastFailure) {
    const cached = key.usableUntil !== null && Date.parse(key.usableUntil) > now;
    const times = timesOf(key.lastFailure.times);
    const what = `the key could not be read ${times}: ${because(key.lastFailure.reason)}.`;
    told.push(
      cached
        ? warning('key', `${what} What is cached serves for now.`, { until: key.usableUntil ?? undefined })
        : fault('key', what, { since: key.lastFailure.on }),
    );
  }
  return told;
}

/**
 * @param {NonNullable<StatusAnswer['subscriptions'][number]['rotation']>} rotation
 * @param {number} now
 */
function ofRotation(rotation, now) {
  /** @type {Told[]} */
  const told = [];
  const { compromised, overdue, lastFailure, waitsForPerson, paused } = rotation;
  if (compromised !== null)
    told.push(fault('compromised', `the ${compromised} key is compromised, and not regenerated yet.`));
  if (overdue) {
    const why = lastFailure ? `: ${because(lastFailure.reason)}` : '';
    told.push(fault('overdue', `the rotation is overdue${why}.`, { since: lastFailure?.on }));
  } else if (lastFailure) {
    const what = `a step of the rotation could not be taken ${timesOf(lastFailure.times)}: ${because(lastFailure.reason)}.`;
    told.push(warning('step', what, { since: lastFailure.on }));
  }
  if (waitsForPerson)
    told.push(
      warning('person', 'waits for a person: regenerate the key in the portal, and store it as the alternate secret.'),
    );
  const { promisedUntil } = rotation[rotation.activeSlot];
  if (promisedUntil !== null && Date.parse(promisedUntil) < now)
    told.push(
      warning('promise', 'the active key’s promise has run out: the rotation timer does not seem to run.', {
        since: promisedUntil,
      }),
    );
  if (paused) told.push({ weight: 'note', key: 'paused', what: 'the rotation is paused: no key is regenerated.' });
  return told;
}

/**
 * @param {StatusAnswer['clients'][number]} client
 * @param {number} now
 */
function ofClient({ credential, secret, tokens }, now) {
  const name = credential === 'certificate' ? 'certificate' : 'client secret';
  /** @type {Told[]} */
  const told = [];
  for (const { scope, lastFailure, usableUntil } of tokens) {
    if (!lastFailure) continue;
    const what = `no token for ${scope} ${timesOf(lastFailure.times)}: ${because(lastFailure.reason)}.`;
    const isCached = usableUntil !== null && Date.parse(usableUntil) > now;
    told.push(
      isCached
        ? warning(`token ${scope}`, `${what} What is cached serves for now.`, { until: usableUntil })
        : fault(`token ${scope}`, what, { since: lastFailure.on }),
    );
  }
  if (secret.lastFailure)
    told.push(
      warning('secret', `the ${name} could not be read: ${because(secret.lastFailure.reason)}.`, {
        since: secret.lastFailure.on,
      }),
    );
  if (secret.expiresOn !== null) told.push(...ofExpiry(name, secret.expiresOn, secret.daysLeft ?? 0, now));
  return told;
}

/**
 * @param {string} name
 * @param {string} expiresOn
 * @param {number} daysLeft
 * @param {number} now
 * @returns {Told[]}
 */
function ofExpiry(name, expiresOn, daysLeft, now) {
  if (Date.parse(expiresOn) <= now) return [fault('expiry', `the ${name} has expired.`, { since: expiresOn })];
  if (daysLeft > 60) return [];
  const what = `the ${name} expires in ${several(daysLeft, 'day')}: store a new one.`;
  const weight = daysLeft <= 1 ? 'fault' : daysLeft <= 30 ? 'warning' : 'note';
  return [{ weight, key: 'expiry', what, until: expiresOn }];
}

/** @param {number} times */
function timesOf(times) {
  return times === 1 ? 'just now' : `${times.toLocaleString('en-GB')} times in a row`;
}

/**
 * @param {string} key
 * @param {string} what
 * @param {{ since?: string | undefined, until?: string | undefined }} [when]
 * @returns {Told}
 */
function fault(key, what, when = {}) {
  return { weight: 'fault', key, what, ...when };
}

/**
 * @param {string} key
 * @param {string} what
 * @param {{ since?: string | undefined, until?: string | undefined }} [when]
 * @returns {Told}
 */
function warning(key, what, when = {}) {
  return { weight: 'warning', key, what, ...when };
}
