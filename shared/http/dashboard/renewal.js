// Asks the broker again and again while somebody looks.

/** All in milliseconds. */
const [everyMs, mostMs, signedOutMs, answerWithinMs] = [5_000, 60_000, 30_000, 20_000];

/** Why there is no answer, in words, and whether signing in would help. */
export class Unanswered extends Error {
  /**
   * @param {string} message
   * @param {{ isSignedOut?: boolean, waitMs?: number }} [more]
   */
  constructor(message, { isSignedOut = false, waitMs = 0 } = {}) {
    super(message);
    this.isSignedOut = isSignedOut;
    this.waitMs = waitMs;
  }
}

/**
 * Asks the broker for JSON.
 *
 * @param {string} path
 * @param {{ method?: string, body?: string, headers?: Record<string, string> }} [init]
 * @returns {Promise<any>} checked by the broker's own tests against the contract that the types of this page come from.
 * @throws {Unanswered}
 */
export async function ask(path, init = {}) {
  const response = await fetch(path, {
    cache: 'no-store',
    redirect: 'manual',
    signal: AbortSignal.timeout(answerWithinMs),
    ...init,
    headers: { Accept: 'application/json', ...init.headers },
  }).catch(() => {
    throw new Unanswered('The broker cannot be reached.');
  });
  // The platform, too, may send those who are not signed in elsewhere.
  if (response.type === 'opaqueredirect' || response.status === 401)
    throw new Unanswered('You are signed out.', { isSignedOut: true });
  const body = await response.json().catch(() => undefined);
  if (response.ok && body !== undefined) return body;
  throw new Unanswered(describe(response, body), { waitMs: Number(response.headers.get('Retry-After') ?? 0) * 1_000 });
}

/**
 * @param {Response} response
 * @param {unknown} body
 */
function describe({ status }, body) {
  if (status === 403) return 'You may not do that: it takes an app role that you do not have.';
  const problem = /** @type {Record<string, unknown>} */ (typeof body === 'object' && body !== null ? body : {});
  const { title, detail, requestId } = problem;
  if (typeof title !== 'string') return `The broker answers ${status}.`;
  const more = typeof detail === 'string' ? ` ${detail}` : '';
  return `${title}.${more}${typeof requestId === 'string' ? ` (${status}, request ${requestId})` : ` (${status})`}`;
}

/**
 * Runs `renew` every five seconds while the page is visible; after failures ever more seldom, and at once when it is looked at again.
 *
 * @param {() => Promise<void>} renew
 * @param {(error: Unanswered | undefined) => void} told of each outcome; `undefined` for success.
 * @returns {() => void} renews now.
 */
export function keepRenewing(renew, told) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let failures = 0;
  let isUnderWay = false;
  let isWanted = false;

  const next = (/** @type {Unanswered | undefined} */ error) => {
    failures = error ? failures + 1 : 0;
    if (error?.isSignedOut) return signedOutMs;
    return Math.max(Math.min(everyMs * 2 ** failures, mostMs), error?.waitMs ?? 0) / (failures === 0 ? 1 : 2);
  };

  const run = () => void runOnce();

  const runOnce = async () => {
    clearTimeout(timer);
    isWanted = isUnderWay;
    if (isUnderWay || document.hidden) return;
    isUnderWay = true;
    const error = await renew().then(() => undefined, toUnanswered);
    isUnderWay = false;
    told(error);
    timer = setTimeout(run, isWanted ? 0 : next(error));
  };

  document.addEventListener('visibilitychange', run);
  window.addEventListener('online', run);
  run();
  return run;
}

/** @param {unknown} error */
function toUnanswered(error) {
  if (error instanceof Unanswered) return error;
  console.error(error);
  return new Unanswered('The broker’s answer cannot be shown. Load the page again: the broker may be newer than it.');
}
