import type { Clock } from '../../shared/clock.ts';
import type { KeyStore, SecretStore, TokenIssuer } from '../../shared/credentials/ports.ts';
import { BrokerError } from '../../shared/errors.ts';
import { Secret } from '../../shared/secret.ts';

/** A vault in memory. `fault` makes every read fail; `reads` counts them by name. */
export function createMemoryStore(secrets: Record<string, string>) {
  const versions = new Map(Object.entries(secrets).map(([name, value]) => [name, { value, version: 1 }]));
  const state: {
    fault: BrokerError | undefined;
    gate: Promise<void>;
    reads: Map<string, number>;
    expiresOn: number | undefined;
  } = {
    fault: undefined,
    gate: Promise.resolve(),
    reads: new Map(),
    expiresOn: undefined,
  };
  const store: SecretStore = {
    read: async (name) => {
      state.reads.set(name, (state.reads.get(name) ?? 0) + 1);
      await state.gate;
      if (state.fault) throw state.fault;
      const found = versions.get(name);
      if (!found) throw new BrokerError('vault-secret-missing');
      return { secret: new Secret(found.value), version: String(found.version), expiresOn: state.expiresOn };
    },
  };
  /** What rotation says of a key. */
  const facts: { generation?: number; slot?: 'primary' | 'secondary'; safeUntil?: number } = {};
  const keyStore: KeyStore = {
    read: async (name, signal) => {
      const { generation, slot, safeUntil } = facts;
      return { ...(await store.read(name, signal)), generation, slot, safeUntil };
    },
  };
  const put = (name: string, value: string) => {
    versions.set(name, { value, version: (versions.get(name)?.version ?? 0) + 1 });
  };
  return { store, keyStore, state, put, facts };
}

/** An authority in memory that accepts one secret for each client. `requests` are the scopes that were asked for. */
export function createMemoryIssuer(clock: Clock, accepted: Record<string, string>) {
  const state: { fault: BrokerError | undefined; gate: Promise<void>; requests: string[]; lifeMs: number } = {
    fault: undefined,
    gate: Promise.resolve(),
    requests: [],
    lifeMs: 3_599_000,
  };
  const secrets = new Map(Object.entries(accepted));
  const issuer: TokenIssuer = {
    acquire: async (client, stored, scope) => {
      const startedAt = clock.monotonic();
      state.requests.push(scope);
      const number = state.requests.length;
      await state.gate;
      if (state.fault) throw state.fault;
      if (secrets.get(client.clientId) !== stored?.secret.open()) throw new BrokerError('entra-secret-wrong');
      return { token: new Secret(`token-${number}`), startedAt, lifeMs: state.lifeMs };
    },
  };
  return { issuer, state, secrets };
}
