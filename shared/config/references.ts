import { checkAuthorities } from './authorities.ts';
import { memberOf } from './member.ts';
import { join } from './parse.ts';
import { shortestDrain } from './drain.ts';
import { parseDuration } from './duration.ts';
import { leastLifeMs } from '../refreshing.ts';
import { defaultDurations, defaultTerms } from './schema.ts';
import { checkSecrets } from './secrets.ts';
import { checkUnique, identityOf } from './unique.ts';
import type { ConfigProblem } from './problem.ts';

type Members = Readonly<Record<string, unknown>>;

/**
 * What the members say of one another: every name that is referred to exists, no two callers are the same application.
 *
 * It works on the file as it was written, whatever else is wrong with it, so that all problems are reported at once.
 */
export function checkReferences(file: unknown): ConfigProblem[] {
  const [apis, subscriptions, clients, callers] = ['apis', 'subscriptions', 'clients', 'callers'].map((group) =>
    membersOf(memberOf(file, group)),
  ) as [Members, Members, Members, Members];
  const apiProblems = Object.entries(apis).flatMap(([name, api]) => [
    ...checkName(`apis.${name}.subscription`, memberOf(api, 'subscription'), 'subscriptions', subscriptions),
    ...checkName(`apis.${name}.oauth.client`, memberOf(memberOf(api, 'oauth'), 'client'), 'clients', clients),
    ...checkRepeated(`apis.${name}.oauth.accessLevels`, memberOf(memberOf(api, 'oauth'), 'accessLevels')),
  ]);
  const callerProblems = Object.entries(callers).flatMap(([name, caller]) => [
    ...checkCallerApis(name, caller, apis),
    ...checkHeaders(`callers.${name}.headers`, caller),
  ]);
  return [
    ...apiProblems,
    ...Object.entries(subscriptions).flatMap(([name, subscription]) => [
      ...checkRotation(name, subscription),
      ...checkDrain(`subscriptions.${name}.rotation.drain`, memberOf(subscription, 'rotation'), file),
    ]),
    ...checkAuthorities(subscriptions),
    ...callerProblems,
    ...checkIdentities(callers),
    ...checkClients(clients),
    ...Object.entries(clients).flatMap(checkCredential),
    ...checkTimes(memberOf(file, 'broker')),
    ...checkFreshness(memberOf(file, 'broker')),
    ...checkSecrets(file, subscriptions, clients),
  ];
}

function checkName(path: string, name: unknown, group: string, members: Members): ConfigProblem[] {
  if (typeof name !== 'string' || Object.hasOwn(members, name)) return [];
  const known = Object.keys(members).join(', ');
  const remedy = known === '' ? 'Add it there.' : `Add it there, or use one of: ${known}.`;
  return [{ path, problem: `names what "${group}" does not have`, remedy }];
}

function checkCallerApis(name: string, caller: unknown, apis: Members): ConfigProblem[] {
  const names = memberOf(caller, 'apis');
  if (!Array.isArray(names)) return [];
  const path = `callers.${name}.apis`;
  return [
    ...names.flatMap((api, index) => checkName(join(path, index), api, 'apis', apis)),
    ...checkRepeated(path, names),
  ];
}

function checkHeaders(path: string, caller: unknown): ConfigProblem[] {
  if (memberOf(caller, 'headers') !== false || memberOf(caller, 'call') === true) return [];
  const problem = 'is false for a caller that may not have APIs called either';
  return [{ path, problem, remedy: 'Add "call": true, or remove "headers".' }];
}

function checkRepeated(path: string, list: unknown): ConfigProblem[] {
  if (!Array.isArray(list) || new Set(list).size === list.length) return [];
  return [{ path, problem: 'names the same twice', remedy: 'Keep each once.' }];
}

function checkRotation(name: string, subscription: unknown): ConfigProblem[] {
  if (memberOf(subscription, 'rotation') === undefined) return [];
  return ['authority', 'probe']
    .filter((member) => memberOf(subscription, member) === undefined)
    .map((member) => ({
      path: `subscriptions.${name}.${member}`,
      problem: 'is missing, and "rotation" needs it',
      remedy: 'Add it, or remove "rotation".',
    }));
}

/** A key that is regenerated earlier fails header sets that were handed out with it. */
function checkDrain(path: string, rotation: unknown, file: unknown): ConfigProblem[] {
  const drain = memberOf(rotation, 'drain');
  const drainMs = typeof drain === 'string' ? parseDuration(drain) : undefined;
  const { ms, sum } = shortestDrain(file);
  if (drainMs === undefined || drainMs >= ms) return [];
  const problem =
    'is shorter than the inequality allows: visibility + readAge + headerLifetime + 2 × clockSkew + flight';
  return [{ path, problem, remedy: `Write at least their sum, ${sum}, or leave it out.` }];
}

/** Two entries with one identity would make the policy depend on their order. */
function checkIdentities(callers: Members): ConfigProblem[] {
  return checkUnique(
    callers,
    (caller) => identityOf(memberOf(caller, 'clientId'), memberOf(caller, 'objectId')),
    (name, other) => ({
      path: `callers.${name}`,
      problem: `has the clientId and objectId of "${other}"`,
      remedy: 'Make one entry of the two.',
    }),
  );
}

function checkTimes(broker: unknown): ConfigProblem[] {
  const [upstream, request] = [durationOf(broker, 'upstreamTimeout'), durationOf(broker, 'requestTimeout')];
  if (upstream === undefined || request === undefined || upstream < request) return [];
  const problem = 'is not shorter than "requestTimeout"';
  const remedy = 'Make it shorter: a request must be able to answer after a call was given up.';
  return [{ path: 'broker.upstreamTimeout', problem, remedy }];
}

/** Without a promise a key is good for C + H − 2ε from the start of its read (`docs/rotation.md`), of which a slow read takes some. */
function checkFreshness(broker: unknown): ConfigProblem[] {
  const terms = memberOf(broker, 'rotationTerms');
  const [lifetime, upstream] = [durationOf(broker, 'headerLifetime'), durationOf(broker, 'upstreamTimeout')];
  const [readAge, skew] = [termOf(terms, 'readAge'), termOf(terms, 'clockSkew')];
  if (lifetime === undefined || upstream === undefined || readAge === undefined || skew === undefined) return [];
  if (readAge + lifetime - 2 * skew >= leastLifeMs + upstream) return [];
  const problem = 'is so long that no key is handed out before its promise: readAge + headerLifetime − 2 × clockSkew';
  const least = `${leastLifeMs / 1_000} s and "upstreamTimeout"`;
  const remedy = `Make it shorter, or the others longer: the sum must be at least ${least}.`;
  return [{ path: 'broker.rotationTerms.clockSkew', problem, remedy }];
}

function termOf(terms: unknown, member: keyof typeof defaultTerms): number | undefined {
  const text = memberOf(terms, member) ?? defaultTerms[member];
  return typeof text === 'string' ? parseDuration(text) : undefined;
}

function durationOf(broker: unknown, member: keyof typeof defaultDurations): number | undefined {
  const text = memberOf(broker, member) ?? defaultDurations[member];
  return typeof text === 'string' ? parseDuration(text) : undefined;
}

/** Each would ask for tokens of its own. */
const credentialKinds = ['secret', 'certificate', 'federated'];

function checkCredential([name, client]: [string, unknown]): ConfigProblem[] {
  const credential = memberOf(client, 'credential');
  if (typeof credential !== 'object' || credential === null) return [];
  const given = credentialKinds.filter((kind) => memberOf(credential, kind) !== undefined);
  if (given.length === 1) return [];
  const problem = given.length === 0 ? 'names no credential' : `names more than one credential: ${given.join(', ')}`;
  return [
    { path: `clients.${name}.credential`, problem, remedy: 'Write one of "secret", "certificate" and "federated".' },
  ];
}

function checkClients(clients: Members): ConfigProblem[] {
  return checkUnique(
    clients,
    (client) => identityOf(memberOf(client, 'tenantId'), memberOf(client, 'clientId')),
    (name, other) => ({
      path: `clients.${name}`,
      problem: `has the tenantId and clientId of "${other}"`,
      remedy: 'Make one entry of the two.',
    }),
  );
}

function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
