import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import tls from 'node:tls';
import { createCleanup, type Cleanup } from '../../local/stack/cleanup.ts';
import { startBroker, type Broker } from '../../local/stack/broker.ts';
import { createStack, type Stack } from '../../local/stack/stack.ts';
import { deployed } from '../../scripts/bundle-options.ts';
import { identityToken } from '../support/record-tampering.ts';

/** The local stack with a broker on it, as a runbook finds them. */
export type Scene = {
  readonly stack: Stack;
  readonly broker: Broker;
  /** App settings that were added, by which the broker is started again. */
  readonly settings: Map<string, string>;
  /** What the broker has logged. */
  readonly log: readonly string[];
  /** Where the runbook's files are, and its commands run. */
  readonly directory: string;
  restartBroker(): Promise<void>;
  /** The configuration in the blob. */
  readConfig(): Promise<string>;
  writeConfig(text: string): Promise<void>;
  /** Deletes a secret of Key Vault's, for good where it is purged as well. */
  deleteSecret(name: string, isPurged: boolean): Promise<void>;
  deletedSecrets(): Promise<string[]>;
  steer(path: string, body?: object, method?: string): Promise<unknown>;
  close(): Promise<void>;
};

const root = join(import.meta.dirname, '../..');

/** Starts it, once the stand-ins are prepared: rotation with terms of seconds, a timer that fires each second, the configuration in a blob, the audit trail in a table. */
export async function openScene(prepare: (steer: Scene['steer']) => Promise<void>): Promise<Scene> {
  const cleanup = createCleanup();
  const stack = await createStack({ ports: { control: 0, gateways: [0, 0] }, configBlob: true });
  cleanup.add(() => stack.close());
  const app = join(stack.directory, 'app');
  const directory = join(stack.directory, 'work');
  await mkdir(directory);
  await Promise.all(deployed.map((file) => cp(join(root, file), join(app, file))));
  trust(stack, cleanup);
  let config = await configOf(stack);
  await stack.configBlob?.put(config);
  const askVault = (method: string, path: string) => ask(stack.settings, method, path);

  const log: string[] = [];
  const added = new Map<string, string>();
  const steerStack: Scene['steer'] = (path, body, method) => steer(stack.ready().control, path, body, method);
  await prepare(steerStack);
  let own = createCleanup();
  const start = async (port: number) => {
    const settings = { ...stack.settings, ROTATION_SCHEDULE: '* * * * * *', ...Object.fromEntries(added) };
    const onEnd = (how: string) => void log.push(`The broker ended by itself: ${how}`);
    const started = await startBroker({ root: app, port, settings, onEnd, onLine: (line) => void log.push(line) }, own);
    stack.announce(started.url, settings);
    return started;
  };
  let broker = await start(0);
  cleanup.add(() => own.close());

  return {
    stack,
    get broker() {
      return broker;
    },
    settings: added,
    log,
    directory,
    restartBroker: async () => {
      await own.close();
      own = createCleanup();
      broker = await start(Number(new URL(broker.url).port));
    },
    readConfig: async () => config,
    writeConfig: async (text) => {
      config = text;
      await stack.configBlob?.put(text);
    },
    deleteSecret: async (name, isPurged) => {
      await askVault('DELETE', `/secrets/${name}`);
      if (isPurged) await askVault('DELETE', `/deletedsecrets/${name}`);
    },
    deletedSecrets: async () => {
      const { value } = (await (await askVault('GET', '/deletedsecrets')).json()) as { value: { id: string }[] };
      return value.map(({ id }) => id.slice(id.lastIndexOf('/') + 1));
    },
    steer: steerStack,
    close: () => cleanup.close(),
  };
}

async function steer(control: string, path: string, body?: object, method = body ? 'POST' : 'GET'): Promise<unknown> {
  const response = await fetch(new URL(path, control), {
    method,
    headers: { 'Content-Type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} of the control address: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

function trust({ settings }: Stack, cleanup: Cleanup): void {
  const before = tls.getCACertificates('default');
  tls.setDefaultCACertificates([...before, readFileSync(settings['NODE_EXTRA_CA_CERTS'] ?? '', 'utf8')]);
  cleanup.add(async () => tls.setDefaultCACertificates(before));
}

/** Asks Key Vault, as the broker's identity. */
async function ask(settings: Stack['settings'], method: string, path: string): Promise<Response> {
  const token = await identityToken(settings, 'https://vault.azure.net');
  const response = await fetch(`${settings['KEY_VAULT_URL']}${path}?api-version=7.5`, {
    method,
    headers: { Authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw new Error(`${method} ${path} of the vault: ${response.status}`);
  return response;
}

type ConfigFile = Record<'broker' | 'apis' | 'clients', Record<string, unknown>> & {
  subscriptions: Record<string, object>;
  callers: Record<string, { apis: string[] }>;
};

/** Production's inequalities with the shortest terms; what `add-an-api.md` adds is not there yet. */
async function configOf({ configFile }: Stack): Promise<string> {
  const config: ConfigFile = JSON.parse(await readFile(configFile, 'utf8'));
  const { loyalty: _api, ...apis } = config.apis;
  const { partner: _client, ...clients } = config.clients;
  const { 'partner-loyalty': _subscription, ...subscriptions } = config.subscriptions;
  const rotation = { every: '30d', settle: '3s', promise: '34s' };
  return JSON.stringify({
    broker: {
      ...config.broker,
      headerLifetime: '30s',
      rotationTerms: { visibility: '500ms', readAge: '1s', clockSkew: '50ms', flight: '1s' },
      audit: { sink: 'table' },
    },
    apis,
    clients,
    subscriptions: Object.fromEntries(Object.entries(subscriptions).map(([name, one]) => [name, { ...one, rotation }])),
    callers: Object.fromEntries(
      Object.entries(config.callers).map(([name, caller]) => [
        name,
        { ...caller, apis: caller.apis.filter((api) => api !== 'loyalty') },
      ]),
    ),
  });
}

/** A folder for the front of PATH, with `broker`, and the Azure CLI's stand-in. */
export async function writeCommands(directory: string, control: string): Promise<string> {
  const bin = join(directory, 'bin');
  await mkdir(bin);
  const write = async (name: string, command: string) => {
    const file = join(bin, name);
    await writeFile(file, `#!/bin/sh\nexec '${process.execPath}' ${command}\n`);
    await chmod(file, 0o755);
  };
  await write('broker', `'${join(root, 'cli/main.ts')}' "$@" --control '${control}'`);
  await write('az', `'${join(import.meta.dirname, 'az.ts')}' "$@"`);
  return bin;
}
