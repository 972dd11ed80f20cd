import type { Code, Reason } from '../../shared/errors.ts';
import type { Scene } from './scene.ts';
import type { Sent } from './wire.ts';

/**
 * One request and what must come of it.
 *
 * `accepted`: it is no attack, so that the refusals beside it are for what they name. `platform`: it gets no further than the host, which answers
 * without a word. Else the problem's code, and the reason in the one audit record that there must be; without a reason there must be none.
 */
export type Row = readonly [
  name: string,
  make: (at: Scene) => Sent | Promise<Sent>,
  status: number,
  code: Code | 'accepted' | 'platform',
  reason?: Reason | undefined,
];

/** What takes many requests. @returns what was wrong, one line each. */
export type Siege = readonly [name: string, lay: (at: Scene) => Promise<readonly string[]>];

export type Group = {
  readonly name: string;
  /** The number of the public guarantee that it is an attack on (docs/guarantees.md). */
  readonly guarantee: number;
  readonly needsBrowser?: boolean;
  readonly rows: readonly Row[];
  readonly sieges?: readonly Siege[];
};

/** What an attacker writes in their own words; it stands in no answer. */
export const mark = 'zq7xk';

export const headersPath = '/v1/headers/core';

/** `GET /v1/headers/core` with a bearer token. */
export function bearer(token: string, path = headersPath): Sent {
  return { path, headers: [['Authorization', `Bearer ${token}`]] };
}
