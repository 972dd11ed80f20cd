/**
 * What the contract says and the broker does not do yet. Each goes from here when its trigger comes: a test holds that these are missing, and
 * the fuzz expects the answer of a path that is none.
 */
export const pendingPaths: ReadonlySet<string> = new Set([
  '/v1/status',
  '/v1/rotations/{subscription}',
  '/v1/rotations/{subscription}/{command}',
  '/v1/audit',
  '/v1/doctor',
  '/dashboard',
  '/dashboard/{asset}',
]);

/** Codes that no reason has yet. */
export const pendingCodes: ReadonlySet<string> = new Set(['conflict']);
