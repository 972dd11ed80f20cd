import { memberOf } from './member.ts';
import type { ConfigProblem } from './problem.ts';
import { defaultFingerprintKey } from './schema.ts';
import { checkUnique, identityOf } from './unique.ts';
import { withoutTrailingSlash } from './url.ts';

type Members = Readonly<Record<string, unknown>>;
/** Where a secret is named, and how. */
type Named = { readonly path: string; readonly secret: unknown };

/**
 * A secret has one purpose: were a client secret also a subscription's key, it would be handed out.
 *
 * It works on the members as they were written, whatever else is wrong with them.
 */
export function checkSecrets(file: unknown, subscriptions: Members, clients: Members): ConfigProblem[] {
  const keys = Object.entries(subscriptions).map(([name, subscription]) => ({
    path: `subscriptions.${name}.secret`,
    secret: secretNameOf(subscription) ?? name,
  }));
  const passwords = passwordsOf(subscriptions);
  const named = new Map(
    [fingerprintKeyOf(file), ...clientSecretsOf(clients), ...passwords.filter(isFirstOfUser), ...keys].map(
      ({ path, secret }) => [path, secret],
    ),
  );
  return [
    ...checkUnique(Object.fromEntries(named), identityOf, sharedSecret),
    ...keys.flatMap(({ path, secret }) => checkAlternate(path, `${secret}-alternate`, named)),
    ...checkPasswords(passwords),
  ];
}

function fingerprintKeyOf(file: unknown): Named {
  const secret = memberOf(memberOf(file, 'broker'), 'fingerprintKey') ?? defaultFingerprintKey;
  return { path: 'broker.fingerprintKey', secret };
}

function clientSecretsOf(clients: Members): Named[] {
  return Object.entries(clients).flatMap(([name, client]) =>
    ['secret', 'certificate'].map((kind) => ({
      path: `clients.${name}.credential.${kind}`,
      secret: memberOf(memberOf(client, 'credential'), kind),
    })),
  );
}

type Password = Named & { readonly user: string };

function passwordsOf(subscriptions: Members): Password[] {
  return Object.entries(subscriptions).flatMap(([name, subscription]) => {
    const authority = memberOf(subscription, 'authority');
    const secret = memberOf(authority, 'password');
    if (secret === undefined) return [];
    const path = `subscriptions.${name}.authority.password`;
    return [{ path, secret, user: userOf(authority) ?? path }];
  });
}

/** Of one portal. */
function userOf(authority: unknown): string | undefined {
  const url = memberOf(authority, 'url');
  return identityOf(typeof url === 'string' ? withoutTrailingSlash(url) : url, memberOf(authority, 'email'));
}

/** Subscriptions of one user share their password. */
function isFirstOfUser({ user }: Password, index: number, passwords: readonly Password[]): boolean {
  return passwords.findIndex((other) => other.user === user) === index;
}

/** One session is kept for a user: of two passwords one would never be read. */
function checkPasswords(passwords: readonly Password[]): ConfigProblem[] {
  return passwords.flatMap(({ path, secret, user }) => {
    const first = passwords.find((other) => other.user === user);
    const [own, other] = [identityOf(secret), identityOf(first?.secret)];
    if (!first || own === undefined || other === undefined || own === other) return [];
    const problem = `names another Key Vault secret than ${first.path} for the same user of the portal`;
    return [{ path, problem, remedy: 'Name one secret in both places: a user has one password.' }];
  });
}

function secretNameOf(subscription: unknown): string | undefined {
  const secret = memberOf(subscription, 'secret');
  return typeof secret === 'string' ? secret : undefined;
}

/** Rotation keeps the other slot's key under the secret's name and `-alternate`. */
function checkAlternate(path: string, alternate: string, named: ReadonlyMap<string, unknown>): ConfigProblem[] {
  const identity = identityOf(alternate);
  return Array.from(named).flatMap(([other, secret]) =>
    identityOf(secret) === identity ? [sharedSecret(other, `the alternate key of ${path}`)] : [],
  );
}

function sharedSecret(path: string, other: string): ConfigProblem {
  return {
    path,
    problem: `names the same Key Vault secret as ${other}`,
    remedy: 'Give each a secret of its own; a subscription without one takes its own name.',
  };
}
