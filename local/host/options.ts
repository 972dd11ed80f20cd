import { resolve } from 'node:path';
import { parseArgs, types } from 'node:util';
import { StartError } from './start-error.ts';

export type HostOptions = {
  root: string;
  port: number;
  key: string | undefined;
  state: string | undefined;
  signIn: boolean;
  verbose: boolean;
  help: boolean;
};

export const help = `Runs an Azure Functions app in this process, with the real @azure/functions, on 127.0.0.1.

  node local/host/main.ts [--root DIR] [--port N] [--key KEY] [--state FILE] [--sign-in] [--verbose]

  --root DIR    the app's folder, with package.json and host.json (default: the current folder)
  --port N      the port; 0 takes a free one (default: 7071)
  --key KEY     the host key that functions of authLevel "function" and "admin" ask for, as ?code= or x-functions-key
  --state FILE  remembers in FILE when the timers ran: one that was due while the host was down runs at start, with isPastDue
  --sign-in     plays App Service authentication for the people of the sample: /.auth/login/aad[?as=NAME], /.auth/me, /.auth/logout.
                Sets WEBSITE_AUTH_ENABLED, as the platform does
  --verbose     logs every invocation and the library's own debug lines, too
  --help        prints this

The app's settings are this process's environment. Logs go to stderr, one line each: <ISO time> <level> <function> <message>.
A timer, or any function but an HTTP one, is fired by hand with
  curl -X POST http://127.0.0.1:7071/admin/functions/NAME
or, to let a timer believe that it is late, with -d '{"input":{"isPastDue":true}}'.
SIGTERM and SIGINT let what is under way finish, for 4 s at most.
`;

const flags = {
  root: { type: 'string', default: '.' },
  port: { type: 'string', default: '7071' },
  key: { type: 'string' },
  state: { type: 'string' },
  'sign-in': { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Throws a StartError for what it does not know. */
export function readOptions(args: string[]): HostOptions {
  const { root, port, key, state, 'sign-in': signIn, verbose, help: wantsHelp } = parse(args);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new StartError('--port takes a number from 0 to 65535.');
  if (key === '') throw new StartError('--key takes a key that is not empty.');
  // The host changes to the app's folder before it opens the file.
  return { root, port: Number(port), key, state: state && resolve(state), signIn, verbose, help: wantsHelp };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: flags, strict: true }).values;
  } catch (error) {
    throw new StartError(`${types.isNativeError(error) ? error.message : 'The options cannot be read'}. See --help.`, {
      cause: error,
    });
  }
}
