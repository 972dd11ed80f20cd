import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Named } from '../names.ts';
import type { Config } from './config.ts';
import { ConfigError } from './problem.ts';
import { readSettings, settingsTable, type Settings } from './settings.ts';
import { isUrl } from './url.ts';
import { validateConfig } from './validate.ts';

/** Names the text of a configuration: a hash of it, in 12 characters. */
export type ConfigVersion = Named<'config-version'>;
/** A configuration, and which. */
export type VersionedConfig = { readonly config: Config; readonly version: ConfigVersion };
/** All that the broker is told from outside. */
export type Loaded = VersionedConfig & { readonly settings: Settings };
/** What the broker is told from outside at its start where the configuration is in a blob, and how to read that. */
export type Remote = {
  readonly settings: Settings;
  readonly blobUrl: string;
  /** @throws {ConfigError} with every problem of a text that is no configuration, or that the settings do not suffice for. */
  readonly validate: (text: string) => VersionedConfig;
};

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the process's app settings and the configuration file that they name. A relative path starts at the app's folder: what the
 * Functions host calls `AzureWebJobsScriptRoot`, else the working directory.
 *
 * @throws {ConfigError} with every problem of the settings and of the file.
 */
export function loadConfig(environment: Environment = process.env): Loaded {
  const settings = attempt(() => readSettings(environment));
  const config = attempt(() => readConfig(environment));
  const storage = config instanceof ConfigError ? undefined : checkStorage(environment, config.config);
  if (settings instanceof ConfigError || config instanceof ConfigError || storage)
    throw joinErrors([settings, config, storage].filter((one) => one instanceof ConfigError));
  return { settings, ...config };
}

/**
 * The same where the configuration is in a file; where it is in a blob, all that is known before that is read.
 *
 * @throws {ConfigError} as `loadConfig` does.
 */
export function loadStart(environment: Environment = process.env): Loaded | Remote {
  if (!isUrl(environment['BROKER_CONFIG'] ?? '')) return loadConfig(environment);
  const settings = readSettings(environment);
  const validate = (text: string) => {
    const read = versioned(text, 'The configuration');
    const storage = checkStorage(environment, read.config);
    if (storage) throw storage;
    return read;
  };
  return { settings, blobUrl: settings.configBlobUrl ?? '', validate };
}

function versioned(text: string, source: string): VersionedConfig {
  const version = hash('sha256', text, 'base64url').slice(0, 12) as ConfigVersion;
  return { config: validateConfig(text, source), version };
}

/** Where the file has something that is kept in tables, a setting that is optional is not. */
function checkStorage(environment: Environment, config: Config): ConfigError | undefined {
  const needs = storageNeeds(config);
  if (environment['TABLE_SERVICE_URL'] !== undefined || needs.length === 0) return undefined;
  const problem = `is missing, and the configuration has ${needs.join(', and ')}`;
  const { remedy } = settingsTable.TABLE_SERVICE_URL;
  return new ConfigError('The set of app settings', [{ path: 'TABLE_SERVICE_URL', problem, remedy }]);
}

function storageNeeds({ broker, subscriptions }: Config): string[] {
  return [
    ...(subscriptions.some(({ rotation }) => rotation) ? ['subscriptions that are rotated'] : []),
    ...(broker.audit.sink === 'table' ? ['an audit trail in a table'] : []),
  ];
}

function readConfig(environment: Environment): VersionedConfig {
  const file = environment['BROKER_CONFIG'] || settingsTable.BROKER_CONFIG.default;
  const folder = environment['AzureWebJobsScriptRoot'] ?? process.cwd();
  return versioned(readFile(resolve(folder, file)), file);
}

function attempt<T>(read: () => T): T | ConfigError {
  try {
    return read();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

function joinErrors(errors: readonly ConfigError[]): ConfigError {
  const [first, ...others] = errors;
  if (first && others.length === 0) return first;
  const problems = errors.flatMap((error) => error.problems);
  return new ConfigError('The configuration', problems);
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    const problem = `names a file that cannot be read: ${path} (${code})`;
    const remedy = 'Deploy the file with the app, or correct the path.';
    throw new ConfigError('The set of app settings', [{ path: 'BROKER_CONFIG', problem, remedy }]);
  }
}
