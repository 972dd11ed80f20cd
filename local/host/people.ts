import { audience, callers, tenants } from '../sample.ts';
import type { Person } from './sign-in.ts';

/** Everyone of the sample, as a person who signs in. The first is who signs in unless another is named. */
export const people: readonly Person[] = [
  'platform',
  ...Object.keys(callers).filter((name) => name !== 'platform'),
].flatMap((name) => {
  const known = callers[name];
  return known ? [{ name, objectId: known.objectId, tenantId: tenants.broker, audience, roles: known.roles }] : [];
});
