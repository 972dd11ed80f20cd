import { memberOf } from './member.ts';
import type { ConfigProblem } from './problem.ts';
import { checkUnique, identityOf } from './unique.ts';
import { withoutTrailingSlash } from './url.ts';

/**
 * A pair of keys has one entry. Two would each drain and regenerate the keys that the other hands out; and where one of them is not rotated, the
 * other would not know of what is handed out by it.
 *
 * It works on the members as they were written, whatever else is wrong with them.
 */
export function checkAuthorities(subscriptions: Readonly<Record<string, unknown>>): ConfigProblem[] {
  return checkUnique(
    subscriptions,
    (subscription) => keysOf(memberOf(subscription, 'authority')),
    (name, other) => ({
      path: `subscriptions.${name}.authority`,
      problem: `names the keys of "${other}", which each of the two would regenerate`,
      remedy: `Keep one entry, and name it as the "subscription" of every API that takes its keys.`,
    }),
  );
}

/** Azure does not tell resource ids by their case. Two users of a portal may see the same subscription. */
function keysOf(authority: unknown): string | undefined {
  const [resourceId, url] = [memberOf(authority, 'resourceId'), memberOf(authority, 'url')];
  if (typeof url !== 'string') return identityOf(resourceId);
  return identityOf(withoutTrailingSlash(url), memberOf(authority, 'subscription'));
}
