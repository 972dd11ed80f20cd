import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tenants } from '../../local/sample.ts';
import { createStack, type Stack } from '../../local/stack/stack.ts';
import { build } from '../../scripts/build.ts';
import { deployed } from '../../scripts/bundle-options.ts';
import { startApp, type App } from './app.ts';
import { bearer, headersPath } from './attack.ts';
import { openBrowser, type Browser } from './browser/browser.ts';
import { createForge, type Forge } from './tokens.ts';

type RequestCount = { target: string; method: string; path: string; status: number; count: number };

/** The app, served twice, with the whole stack behind it. */
export type Scene = Forge & {
  /** As it is where callers alone come. */
  readonly app: App;
  /** The same where App Service authentication signs people in. */
  readonly signedIn: App;
  /** The cookie of somebody who has signed in. */
  cookieOf(name: string): Promise<string>;
  /** A browser in which `platform` has signed in to `signedIn`, whose rotations have begun. Opened when it is first asked for. */
  browser(): Promise<Browser>;
  /** A new worker in place of `app`, with nothing cached. */
  restart(): Promise<void>;
  /** Everything that the upstreams were asked since the start. */
  asked(): Promise<readonly RequestCount[]>;
  /** All that was printed, by workers that are no more as well. */
  printed(): string;
  /** An address that would be counted if the app asked for anything there. */
  readonly listener: string;
  close(): Promise<void>;
};

const root = join(import.meta.dirname, '../..');
/** Once a year, so that no tick asks an upstream while attacks are counted. */
const never = '0 0 0 1 1 *';

/** Nobody is loud but the caller that is to be; a machine that is busy is no fault of the app's. */
const changes = { rateLimit: { perSecond: 10_000, burst: 100_000 }, requestTimeout: '30s', upstreamTimeout: '20s' };
/** How many requests `bookkeeping` may make; the next one comes in 100 seconds. */
export const loudest = { perSecond: 0.01, burst: 20 };

export async function openScene(): Promise<Scene> {
  const stack = await createStack({ ports: { control: 0, gateways: [0, 0] } });
  try {
    return await open(stack);
  } catch (error) {
    await stack.close();
    throw error;
  }
}

async function open(stack: Stack): Promise<Scene> {
  const { forge, published } = createForge(stack.ready().entra);
  const steer = steering(stack);
  const keysPath = `/${tenants.broker}/discovery/v2.0/keys`;
  await steer('POST', '/faults', { target: 'entra', path: keysPath, status: 200, body: { keys: published } });
  const [folder, config] = await Promise.all([copyApp(stack), writeConfig(stack)]);
  const settings = { ...stack.settings, BROKER_CONFIG: config, ROTATION_SCHEDULE: never };
  const start = { root: folder, settings };
  let [app, signedIn] = await Promise.all([startApp(start), startApp({ ...start, isSignInOn: true })]);
  await Promise.all([warm(app, forge), warm(signedIn, forge)]);
  const workers = [app, signedIn];
  const cookieOf = async (name: string) => {
    const { headers } = await signedIn.ask({ path: `/.auth/login/aad?as=${name}` });
    return headers['set-cookie']?.split(';')[0] ?? '';
  };
  let browser: Promise<Browser> | undefined;
  const openOwn = async () => {
    await beginRotations(signedIn, forge);
    return openBrowser(signedIn.port, await cookieOf('platform'), join(stack.directory, 'browser'));
  };

  return {
    ...forge,
    get app() {
      return app;
    },
    signedIn,
    cookieOf,
    browser: () => (browser ??= openOwn()),
    restart: async () => {
      await app.stop();
      app = await startApp(start);
      workers.push(app);
    },
    asked: async () => (await steer('GET', '/requests')) as RequestCount[],
    printed: () => workers.map((worker) => worker.printed()).join('\n'),
    listener: stack.ready().gateways[0],
    close: async () => {
      await browser?.then(
        ({ close }) => close(),
        () => {},
      );
      await Promise.all([app.stop(), signedIn.stop()]);
      await stack.close();
    },
  };
}

/** The control address, without a socket. */
function steering({ control }: Stack) {
  return async (method: string, path: string, body?: object): Promise<unknown> => {
    const url = new URL(path, 'http://control.test');
    const request = { method, url, headers: {}, rawHeaders: [], body: Buffer.from(JSON.stringify(body ?? '')) };
    const { status, body: answer } = await control({ ...request, instance: 0 });
    if (status >= 400) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  };
}

/** Built from the sources as they are now; a copy, so that nothing that is built meanwhile takes its place. */
async function copyApp({ directory }: Stack): Promise<string> {
  await build();
  const folder = join(directory, 'app');
  await Promise.all(deployed.map((file) => cp(join(root, file), join(folder, file))));
  return folder;
}

async function writeConfig({ configFile, directory }: Stack): Promise<string> {
  const config: { broker: object; callers: Record<string, object> } = JSON.parse(await readFile(configFile, 'utf8'));
  const { bookkeeping, ...others } = config.callers;
  const callers = { ...others, bookkeeping: { ...bookkeeping, rateLimit: loudest } };
  const file = join(directory, 'attacked.config.json');
  await writeFile(file, JSON.stringify({ ...config, broker: { ...config.broker, ...changes }, callers }));
  return file;
}

/** Has everything loaded that good requests need, and the one look for an unknown `kid` spent that there is in five minutes. */
async function warm(app: App, { token, signed, header }: Forge): Promise<void> {
  const unknown = signed(header({ kid: 'unknown' }));
  const paths = [headersPath, '/v1/headers/payments'];
  for (const path of paths) {
    const { status } = await app.ask(bearer(token(), path));
    if (status !== 200) throw new Error(`The app answers ${status} to GET ${path}.`);
  }
  await app.ask(bearer(unknown));
}

/** Has the timer look at each subscription for the first time, and waits until it has. */
async function beginRotations(app: App, { token }: Forge): Promise<void> {
  const json = ['Content-Type', 'application/json'] as const;
  await app.ask({ method: 'POST', path: '/admin/functions/rotation-timer', headers: [json], body: '{}' });
  for (let looks = 0; looks < 1_000; looks += 1) {
    const { body } = await app.ask(bearer(token('auditor'), '/v1/rotations/okq8-core'));
    if (JSON.parse(body).rotation) return;
  }
  throw new Error('The rotation does not begin.');
}
