import { customaryControl, findLocalStack, type LocalStack } from './local-stack.ts';
import type { Values, globalOptions } from '../command.ts';
import { Failure, refuse } from '../failure.ts';
import type { Outside } from '../outside.ts';

type GlobalValues = Values<typeof globalOptions>;

/** Which broker is asked, and who signs in to it how. */
export type Target = { readonly url: string } & (
  | { readonly auth: 'local'; readonly stack: LocalStack; readonly as: string }
  | { readonly auth: 'cli' | 'managed-identity'; readonly audience: string }
);

/**
 * Decides it from what was given, the environment, and whether the local stack answers.
 *
 * @throws {Failure} where it cannot be told, or a token would go over plain HTTP to another machine.
 */
export async function chooseTarget(values: GlobalValues, outside: Outside): Promise<Target> {
  const given = values.url ?? (values.local ? undefined : outside.environment['BROKER_URL'] || undefined);
  const url = given === undefined ? undefined : readUrl(given, values.url === undefined ? 'BROKER_URL' : '--url');
  const auth = readAuth(values);
  const stack = mayBeLocal(url, auth) ? await findStack(values, outside) : undefined;
  const isStacks =
    stack !== undefined && (url === undefined || stack.broker === undefined || portOf(stack.broker) === portOf(url));
  if (auth === 'local' || (auth === undefined && isStacks)) return localTarget(values, url, stack);
  if (url === undefined) return refuse('No broker was named, and no local stack answers.', ...nameOne);
  if (values.as !== undefined) refuse('--as is for the local stack.');
  return {
    url,
    auth: auth ?? (outside.environment['IDENTITY_ENDPOINT'] ? 'managed-identity' : 'cli'),
    audience: readAudience(values, outside),
  };
}

const nameOne = [
  'Name it with --url https://…, or set BROKER_URL; or start one on this machine with npm start.',
  'A local stack whose control address is not the customary one is found with --control.',
];

/** The local stack, where one answers. @throws {Failure} where it was asked for and none does. */
export async function findStack(values: GlobalValues, outside: Outside): Promise<LocalStack | undefined> {
  const control = readUrl(values.control ?? customaryControl, '--control');
  if (!isLoopback(control)) refuse('--control names an address of this machine.');
  const stack = await findLocalStack(outside.clock, control, outside.interrupted);
  if (!stack && (values.local || values.control !== undefined || values.auth === 'local')) {
    throw new Failure(3, `No local stack answers at ${control}.`, [
      'Start one with npm start, or name its control address with --control.',
    ]);
  }
  return stack;
}

function localTarget(
  { as = 'platform' }: GlobalValues,
  url: string | undefined,
  stack: LocalStack | undefined,
): Target {
  if (!stack) return refuse('Only a broker of the local stack takes its tokens.', 'Sign in another way with --auth.');
  const broker = url ?? stack.broker;
  if (broker === undefined) return refuse('The local stack runs without a broker.', 'Name yours with --url.');
  return { url: broker, auth: 'local', stack, as };
}

/** Only a broker on this machine is given a token of the local stack. */
function mayBeLocal(url: string | undefined, auth: Target['auth'] | undefined): boolean {
  return (auth === undefined || auth === 'local') && (url === undefined || isLoopback(url));
}

function readAuth({ auth, local }: GlobalValues): Target['auth'] | undefined {
  if (local && auth !== undefined && auth !== 'local') refuse('--local and --auth contradict each other.');
  const chosen = local ? 'local' : auth;
  if (chosen === undefined || chosen === 'cli' || chosen === 'managed-identity' || chosen === 'local') return chosen;
  return refuse('--auth takes cli, managed-identity or local.');
}

function readAudience(values: GlobalValues, { environment }: Outside): string {
  const audience = (values.audience ?? environment['BROKER_AUDIENCE'] ?? '').replace(/\/(\.default)?$/, '');
  if (audience === '') {
    return refuse(
      'Signing in needs the broker’s registration.',
      'Give its client id with --audience, or set BROKER_AUDIENCE; broker.audience of its configuration is it.',
    );
  }
  if (!/^[\w.:/-]+$/.test(audience))
    return refuse('--audience takes a client id, or an application ID URI such as api://token-broker.');
  return audience;
}

/** Without a slash at its end. */
function readUrl(text: string, source: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    return refuse(`${source} takes a URL, such as https://my-broker.azurewebsites.net.`);
  }
  if (url.protocol === 'http:' && !isLoopback(url.href)) {
    return refuse('A token is not sent to another machine over plain HTTP.', `Write https:// in ${source}.`);
  }
  return url.href.replace(/\/+$/, '');
}

/** Whether it is an address of this machine. */
export function isLoopback(url: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
}

/** Which broker of this machine it is, by whatever name the machine is called. */
function portOf(url: string): string {
  return new URL(url).port;
}
