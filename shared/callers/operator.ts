import type { Guid } from '../names.ts';

/** Who operates the broker: a program with an app-only token, or a person with a delegated one or signed in to the dashboard. */
export type Operator = {
  /** `oid`: the service principal, or the person. */
  readonly objectId: Guid;
  /** `azp`: the application that asked for the token. Absent for a person whom the platform has signed in. */
  readonly clientId: Guid | undefined;
  readonly mayWrite: boolean;
};
