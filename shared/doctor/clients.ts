import type { ApiConfig, ClientConfig, Config } from '../config/config.ts';
import { scopeOf } from '../config/scope.ts';
import type { BrokerError } from '../errors.ts';
import type { ScopeName } from '../names.ts';
import type { Secret } from '../secret.ts';
import { causeOf, tellUpstream } from './cause-of.ts';
import type { Cause } from './causes.ts';
import { findingsOf, type Finding } from './finding.ts';
import { skipped as skip, valueOf, type Look, type Seen } from './look.ts';
import type { DoctorPorts, TokenFacts } from './ports.ts';
import { hasEnded, type Secrets } from './secrets.ts';

export type IssuedToken = { readonly token: Secret; readonly facts: TokenFacts; readonly lifeMs: number };

/** One client, and a token for each scope that an API's callers get by default. */
export type ClientTokens = {
  readonly client: ClientConfig;
  readonly tokens: ReadonlyMap<ScopeName, Seen<IssuedToken>>;
  /** Levels that are asked for on demand, and not by default. */
  readonly onDemand: readonly ScopeName[];
};

const ofClient = findingsOf('client');
const ofToken = findingsOf('token');

/** The scope of the token that a caller gets who names no access level. */
export function defaultScopeOf({ oauth }: ApiConfig): ScopeName | undefined {
  const [level] = oauth?.accessLevels ?? [];
  return oauth && level && scopeOf(oauth, level);
}

/** These are the client's: it would meet them with every scope. */
const causesOfClient: ReadonlySet<Cause> = new Set([
  'wrong-secret',
  'expired-secret',
  'certificate-refused',
  'missing-federation',
  'identity-refused',
  'identity-unavailable',
  'unknown-tenant',
  'unknown-client',
  'entra-unavailable',
  'entra-refused',
]);

/** Asks for the tokens of each client one after another, and no more once the client itself is refused. */
export function lookAtClients(
  ports: Pick<DoctorPorts, 'issuer' | 'readToken'>,
  config: Config,
  { secrets, isEntraDown, nowMs }: { secrets: Secrets; isEntraDown: boolean; nowMs: number },
  look: Look,
): Promise<readonly ClientTokens[]> {
  const lookAtClient = async (client: ClientConfig): Promise<ClientTokens> => {
    const { scopes, onDemand } = scopesOf(client, config);
    const tokens = new Map<ScopeName, Seen<IssuedToken>>();
    let obstacle = obstacleOf(client, secrets, { isEntraDown, nowMs });
    for (const scope of scopes) {
      const seen: Seen<IssuedToken> = obstacle ? skip(obstacle) : await acquire(client, scope);
      tokens.set(scope, seen);
      if (seen.kind === 'failed' && causesOfClient.has(causeOf(seen.error)))
        obstacle = `The client ${client.name} gets none.`;
    }
    return { client, tokens, onDemand };
  };

  const acquire = (client: ClientConfig, scope: ScopeName) =>
    look.at('entra-unavailable', async (signal) => {
      const { credential } = client;
      const stored = credential.kind === 'federated' ? undefined : valueOf(secrets.get(credential.secret));
      if (!stored && credential.kind !== 'federated') throw new TypeError('A secret that was not read is an obstacle.');
      const { token, lifeMs } = await ports.issuer.acquire(client, stored, scope, signal);
      return { token, facts: ports.readToken(token), lifeMs };
    });

  return Promise.all(config.clients.map(lookAtClient));
}

function scopesOf({ name }: ClientConfig, { apis }: Config) {
  const own = apis.filter(({ oauth }) => oauth?.client === name);
  const all = own.flatMap(({ oauth }) => oauth?.accessLevels.map((level) => scopeOf(oauth, level)) ?? []);
  const byDefault = new Set(own.map(defaultScopeOf));
  const isAsked = (scope: ScopeName) => byDefault.has(scope) || scope.endsWith('/.default');
  const known = [...new Set(all)];
  return { scopes: known.filter(isAsked), onDemand: known.filter((scope) => !isAsked(scope)) };
}

function obstacleOf(
  { credential }: ClientConfig,
  secrets: Secrets,
  { isEntraDown, nowMs }: { isEntraDown: boolean; nowMs: number },
): string | undefined {
  if (isEntraDown) return 'Entra is down.';
  if (credential.kind === 'federated') return undefined;
  const { secret, kind } = credential;
  const stored = valueOf(secrets.get(secret));
  if (!stored) return `Its ${kind} ${secret} was not read.`;
  return hasEnded(stored, nowMs) ? `Its certificate ${secret} has expired.` : undefined;
}

/** The client first: what is its fault is no scope's. */
export function judgeClient({ client, tokens, onDemand }: ClientTokens): Finding[] {
  const ofScopes = Array.from(tokens, ([scope, seen]) => judgeToken(scope, seen));
  const notAsked = onDemand.map((scope) =>
    ofToken.skipped(
      scope,
      'Entra issues app-only tokens for .default alone; who asks for this access level is told so. It was not asked for.',
    ),
  );
  const refusal = refusalOf(tokens);
  if (refusal) {
    const refused = ofClient.fault(client.name, causeOf(refusal), tellUpstream(refusal));
    return [
      refused,
      ...Array.from(tokens.keys(), (scope) => ofToken.skipped(scope, `The client ${client.name} gets none.`)),
      ...notAsked,
    ];
  }
  return [judgeUse(client, tokens), ...ofScopes, ...notAsked];
}

function refusalOf(tokens: ClientTokens['tokens']): BrokerError | undefined {
  const errors = Array.from(tokens.values(), (seen) => (seen.kind === 'failed' ? seen.error : undefined));
  return errors.find((error) => error && causesOfClient.has(causeOf(error)));
}

/** How a client proves itself, as people call it. */
const proofs = { secret: 'secret', certificate: 'certificate', federated: 'federated credential' } as const;

function judgeUse({ name, credential }: ClientConfig, tokens: ClientTokens['tokens']): Finding {
  const seen = Array.from(tokens.values());
  if (seen.length === 0) return ofClient.skipped(name, 'No API takes its tokens.');
  const [first] = seen;
  if (first?.kind === 'skipped') return ofClient.skipped(name, first.because);
  return ofClient.well(name, `Entra takes its ${proofs[credential.kind]}.`);
}

function judgeToken(scope: ScopeName, seen: Seen<IssuedToken>): Finding {
  if (seen.kind === 'skipped') return ofToken.skipped(scope, seen.because);
  if (seen.kind === 'failed') return ofToken.fault(scope, causeOf(seen.error), tellUpstream(seen.error));
  return ofToken.well(scope, tellToken(seen.value));
}

/** Its `aud`, `roles` and life. */
export function tellToken({ facts, lifeMs }: IssuedToken): string {
  const { audience = 'unreadable', roles } = facts;
  const granted = roles.length === 0 ? 'no roles' : `roles ${roles.join(', ')}`;
  return `Its aud is ${audience}, with ${granted}; it lives for ${Math.round(lifeMs / 1_000)} s.`;
}
