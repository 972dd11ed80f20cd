import type { Group } from './attack.ts';
import { isBrowserThere } from './browser/browser.ts';
import { admin } from './groups/admin.ts';
import { claimsConfusion } from './groups/claims-confusion.ts';
import { dashboardPage } from './groups/dashboard-page.ts';
import { floods } from './groups/floods.ts';
import { foreignPages } from './groups/foreign-pages.ts';
import { headers } from './groups/headers.ts';
import { jwtForgery } from './groups/jwt-forgery.ts';
import { methodsAndNegotiation } from './groups/methods.ts';
import { paths } from './groups/paths.ts';
import { policy } from './groups/policy.ts';
import { refusals } from './groups/refusals.ts';

export const groups: readonly Group[] = [
  jwtForgery,
  claimsConfusion,
  paths,
  headers,
  methodsAndNegotiation,
  policy,
  admin,
  refusals,
  foreignPages,
  dashboardPage,
  floods,
];

/** Whether its attacks can be carried out here. */
export function isPossible({ needsBrowser = false }: Group): boolean {
  return !needsBrowser || isBrowserThere;
}
