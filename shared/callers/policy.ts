import { BrokerError } from '../errors.ts';
import type { ApiName, CallerName, Guid } from '../names.ts';
import type { VerifiedCaller } from './claims.ts';

/** The app role that lets an internal service ask for headers. */
const headersRole = 'Headers.Read';

/** What the configuration says of one internal service. */
export type CallerEntry = {
  readonly name: CallerName;
  readonly clientId: Guid;
  readonly objectId: Guid;
  readonly apis: ReadonlySet<ApiName>;
  /** Whether it may hold header sets for them. Else it can only have them called. */
  readonly headers: boolean;
};

export type Policy = {
  /**
   * Which configured caller a verified token belongs to.
   *
   * @throws {BrokerError} `forbidden` when no entry names its `azp` and `oid`, or the token lacks the app role.
   */
  identify(caller: VerifiedCaller): CallerEntry;
  /**
   * Whether a caller may have the API that it names.
   *
   * @throws {BrokerError} `forbidden`, alike for an API that it may not have and one that does not exist.
   */
  authorise(caller: CallerEntry, api: string): void;
  /** Whether a caller may hold a header set for the API that it names. @throws {BrokerError} as `authorise` does, alike where it may have it called alone. */
  authoriseHeaders(caller: CallerEntry, api: string): void;
};

export function createPolicy(callers: Iterable<CallerEntry>, apis: ReadonlySet<string>): Policy {
  const byClient = new Map<Guid, Map<Guid, CallerEntry>>();
  for (const caller of callers) {
    const byObject = byClient.get(caller.clientId) ?? new Map<Guid, CallerEntry>();
    byClient.set(caller.clientId, byObject.set(caller.objectId, caller));
  }
  const authorise: Policy['authorise'] = (caller, api) => {
    const allowed: ReadonlySet<string> = caller.apis;
    if (!allowed.has(api)) throw new BrokerError(apis.has(api) ? 'api-not-allowed' : 'api-unknown');
  };
  return {
    identify: ({ clientId, objectId, roles }) => {
      const entry = byClient.get(clientId)?.get(objectId);
      if (!entry) throw new BrokerError('caller-unknown');
      if (!roles.includes(headersRole)) throw new BrokerError('role-missing');
      return entry;
    },
    authorise,
    authoriseHeaders: (caller, api) => {
      authorise(caller, api);
      if (!caller.headers) throw new BrokerError('headers-not-allowed');
    },
  };
}
