import { subscriptions } from '../../local/sample.ts';
import type { Random } from '../../test/simulation/random.ts';

/** What the control address takes at `/faults`. */
type Rule = {
  readonly target: string;
  readonly method?: string;
  readonly path?: string;
  readonly instance?: number;
  readonly [name: string]: unknown;
};

/** One fault that was drawn: a rule of the stack for so long, or the end of the second instance. */
export type Fault = { readonly name: string; readonly lastsMs: number; readonly rule: Rule | 'kill' };

/** How many gateways there are. */
export const gatewayCount = 3;

const html = { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html><body>sign in</body></html>' };
const busy = (seconds: number) => ({ status: 429, headers: { 'Retry-After': String(seconds) } });

/** What any service may do. */
const ways: Readonly<Record<string, object>> = {
  'is down': { status: 503 },
  throttles: busy(2),
  'never answers': { hang: true },
  'resets the connection': { reset: true },
  'is slow': { delay: '700ms' },
};

const targets: Readonly<Record<string, Rule>> = {
  'Entra’s token endpoint': { target: 'entra', path: '**/token' },
  'the signing keys': { target: 'entra', path: '**/keys' },
  'Key Vault': { target: 'vault' },
  storage: { target: 'storage' },
  'Azure Resource Manager': { target: 'management' },
  'the identity endpoint': { target: 'identity' },
};

/** What is done, and its answer lost. */
const lost: Readonly<Record<string, Rule>> = {
  'a new key’s answer is lost': { target: 'management', method: 'POST', after: true, reset: true },
  'a published key’s answer is lost': { target: 'vault', method: 'PUT', after: true, status: 503 },
  'a record’s answer is lost': { target: 'storage', after: true, reset: true },
};

const refusals: Readonly<Record<string, Rule>> = {
  'Key Vault answers 401': { target: 'vault', status: 401 },
  'Key Vault forbids the broker': { target: 'vault', status: 403 },
  'Key Vault answers nonsense': { target: 'vault', status: 200, body: '{"value":7}' },
  'Entra answers with an HTML page': { target: 'entra', path: '**/token', ...html },
  'Entra throttles for an hour': { target: 'entra', path: '**/token', ...busy(3_600) },
  'Azure Resource Manager refuses': { target: 'management', status: 403 },
  'storage forbids the broker': { target: 'storage', status: 403 },
};

const common: readonly (readonly [string, Rule])[] = [
  ...Object.entries(targets).flatMap(([who, target]) =>
    Object.entries(ways).map(([what, way]) => [`${who} ${what}`, { ...target, ...way }] as const),
  ),
  ...Object.entries(lost),
  ...Object.entries(refusals),
];

/** Draws one: a purged secret, a gateway, the second instance, or one of the table. It lasts for two to six seconds. */
export function drawFault(random: Random): Fault {
  const lastsMs = random.between(2_000, 6_000);
  const kind = random.next();
  if (kind < 0.1) return { name: 'the second instance is killed', lastsMs: random.between(500, 3_000), rule: 'kill' };
  if (kind < 0.3) {
    const [instance, [what, way]] = [random.below(gatewayCount), random.pick(Object.entries(ways))];
    return { name: `a gateway ${what}`, lastsMs, rule: { target: 'gateway', instance, ...way } };
  }
  if (kind < 0.37) {
    const path = `/secrets/${random.pick(Object.keys(subscriptions))}*`;
    const body = { error: { code: 'SecretNotFound', message: 'There is no such secret.' } };
    return { name: 'a secret is gone', lastsMs, rule: { target: 'vault', method: 'GET', path, status: 404, body } };
  }
  const [name, rule] = random.pick(common);
  return { name, lastsMs, rule };
}
