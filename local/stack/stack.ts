import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../shared/clock.ts';
import type { Clock } from '../../shared/clock.ts';
import { createAuthority } from '../stand-ins/certificates.ts';
import { createCounts } from '../stand-ins/counts.ts';
import { createFaults } from '../stand-ins/faults.ts';
import type { Handle } from '../stand-ins/http.ts';
import { identityPath } from '../stand-ins/identity.ts';
import { createBrokerConfig } from './broker-config.ts';
import { createCleanup } from './cleanup.ts';
import type { Cleanup } from './cleanup.ts';
import { startConfigBlob } from './config-blob.ts';
import type { ConfigBlob } from './config-blob.ts';
import { createDeployment } from './deployment.ts';
import { createDirectory } from './directory.ts';
import { listen } from './listen.ts';
import type { Servers, StackPorts } from './listen.ts';
import type { ReadyLine } from './ready.ts';
import { createServiceClock } from './service-clock.ts';
import { createServices } from './services.ts';
import type { Services } from './services.ts';
import { settleAll } from './settle.ts';
import { startStorage } from './storage.ts';

/** What `createStack` takes. Storage is a process of its own and takes most of the time that the start takes; leave it out where it is not needed. */
export type StackOptions = {
  ports?: StackPorts;
  storage?: boolean;
  /** Whether the broker's configuration is in a blob, and not in a file. One more process. */
  configBlob?: boolean;
  /** The control address says that the stack is not ready until `announce` is called. */
  awaitsBroker?: boolean;
  clock?: Clock;
};

/** The stand-ins, running on 127.0.0.1. */
export type Stack = Pick<Services, 'entra' | 'vault' | 'apiManagement'> & {
  /** With the broker once that was announced. */
  ready(): ReadyLine;
  /** The app settings of a broker that is to run against them, and what its platform would set. */
  settings: Readonly<Record<string, string>>;
  configFile: string;
  /** Where the configuration is, if it is in a blob. */
  configBlob: ConfigBlob | undefined;
  /** Where the run's files are; gone when the stack is closed. */
  directory: string;
  /** What answers at the control address. */
  control: Handle;
  /** Adds the broker, and the settings that it was started with, to what the control address says of the stack. */
  announce(broker: string, settings?: Stack['settings']): void;
  /** Ends all of it; no port, process or file stays. Can be called again. */
  close(): Promise<void>;
};

/** Starts the stand-ins with the sample deployment. Rejects with a `PortTakenError` for a port that was asked for and is in use. */
export async function createStack(options: StackOptions = {}): Promise<Stack> {
  const cleanup = createCleanup();
  try {
    return await start(options, cleanup);
  } catch (error) {
    await cleanup.close().catch(() => {});
    throw error;
  }
}

async function start(options: StackOptions, cleanup: Cleanup): Promise<Stack> {
  const { ports = {}, storage = true, awaitsBroker = false } = options;
  const clock = createServiceClock(options.clock ?? systemClock);
  const directory = await createDirectory(cleanup);
  const authority = await createAuthority();
  const surroundings = { faults: createFaults(clock), counts: createCounts(), clock, authority, cleanup };
  const deployment = createDeployment();
  let isReady = false;
  const services = await createServices({
    ...surroundings,
    deployment,
    gateways: ports.gateways?.length ?? 2,
    entraUrl: () => servers.entra.url,
    ready: () => (isReady ? describe() : { ready: false }),
    settings: () => brokerSettings,
  });
  const [servers, storageUrl] = await settleAll([
    listen(services, ports, surroundings),
    storage ? startStorage(services.entra, directory, surroundings) : undefined,
  ]);
  const files = await writeFiles(directory, authority.caPem, createBrokerConfig(urlsOf(servers.gateways)));
  const configBlob = options.configBlob ? await startConfigBlob(services.entra, directory, surroundings) : undefined;
  await configBlob?.put(await readFile(files.config, 'utf8'));
  const addresses = addressesOf(servers, storageUrl, files);
  const settings = {
    ...settingsOf(servers, storageUrl, deployment.identityHeader, files),
    ...(configBlob && { BROKER_CONFIG: configBlob.url }),
  };
  let brokerSettings: Stack['settings'] = settings;
  let line: ReadyLine = { ready: true, ...addresses };
  const describe = (): ReadyLine => line;
  isReady = !awaitsBroker;
  return {
    ...services,
    ready: describe,
    settings,
    configFile: files.config,
    configBlob,
    directory,
    announce: (broker, startedWith = settings) => {
      brokerSettings = startedWith;
      line = { ready: true, broker, ...addresses };
      isReady = true;
    },
    close: () => cleanup.close(),
  };
}

type Files = { ca: string; config: string };

async function writeFiles(directory: string, caPem: string, config: object): Promise<Files> {
  const files = { ca: join(directory, 'ca.pem'), config: join(directory, 'broker.config.json') };
  await writeFile(files.ca, caPem);
  await writeFile(files.config, `${JSON.stringify(config, undefined, 2)}\n`);
  return files;
}

function urlsOf([first, ...others]: Servers['gateways']): ReadyLine['gateways'] {
  if (!first) throw new RangeError('API Management has at least one gateway');
  return [first.url, ...others.map(({ url }) => url)];
}

function addressesOf(
  servers: Servers,
  storage: string | undefined,
  { ca, config }: Files,
): Omit<ReadyLine, 'ready' | 'broker'> {
  return {
    control: servers.control.url,
    gateways: urlsOf(servers.gateways),
    entra: servers.entra.url,
    vault: servers.vault.url,
    management: servers.management.url,
    portal: servers.portal.url,
    ...(storage !== undefined && { storage }),
    ca,
    config,
  };
}

/** Nothing listens there. */
const noStorage = 'https://127.0.0.1:1/devstoreaccount1';

function settingsOf(
  servers: Servers,
  storageUrl: string | undefined,
  identityHeader: string,
  { ca, config }: Files,
): Record<string, string> {
  return {
    KEY_VAULT_URL: servers.vault.url,
    // The stand-in's name is an address, so that its challenge cannot name the vault's domain.
    KEY_VAULT_CHALLENGE_VERIFICATION: 'off',
    BROKER_CONFIG: config,
    ROTATION_SCHEDULE: '0 * * * * *',
    AZURE_AUTHORITY_HOST: servers.entra.url,
    AZURE_RESOURCE_MANAGER_URL: servers.management.url,
    AZURE_RESOURCE_MANAGER_AUDIENCE: 'https://management.azure.com',
    TABLE_SERVICE_URL: storageUrl ?? noStorage,
    IDENTITY_ENDPOINT: `${servers.identity.url}${identityPath}`,
    IDENTITY_HEADER: identityHeader,
    NODE_EXTRA_CA_CERTS: ca,
  };
}
