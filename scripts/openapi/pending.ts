/**
 * What the contract says and the broker does not do yet. Each goes from here when its trigger comes: a test holds that these are missing, and
 * the fuzz expects the answer of a path that is none.
 */
export const pendingPaths: ReadonlySet<string> = new Set(['/v1/audit']);
