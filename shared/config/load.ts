import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Config } from './config.ts';
import { ConfigError } from './problem.ts';
import { readSettings, settingsTable, type Settings } from './settings.ts';
import { validateConfig } from './validate.ts';

/** All that the broker is told from outside. */
export type Loaded = { readonly settings: Settings; readonly config: Config };

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the process's app settings and the configuration file that they name. A relative path starts at the app's folder: what the
 * Functions host calls `AzureWebJobsScriptRoot`, else the working directory.
 *
 * @throws {ConfigError} with every problem of the settings and of the file.
 */
export function loadConfig(environment: Environment = process.env): Loaded {
  const settings = attempt(() => readSettings(environment));
  const config = attempt(() => readConfig(environment));
  if (settings instanceof ConfigError) throw config instanceof ConfigError ? joinErrors(settings, config) : settings;
  if (config instanceof ConfigError) throw config;
  return { settings, config };
}

function readConfig(environment: Environment): Config {
  const file = environment['BROKER_CONFIG'] || settingsTable.BROKER_CONFIG.default;
  const folder = environment['AzureWebJobsScriptRoot'] ?? process.cwd();
  return validateConfig(readFile(resolve(folder, file)), file);
}

function attempt<T>(read: () => T): T | ConfigError {
  try {
    return read();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

function joinErrors(settings: ConfigError, config: ConfigError): ConfigError {
  return new ConfigError('The configuration', [...settings.problems, ...config.problems]);
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    const problem = `names a file that cannot be read (${code})`;
    const remedy = 'Deploy the file with the app, or correct the path.';
    throw new ConfigError('The app settings', [{ path: 'BROKER_CONFIG', problem, remedy }]);
  }
}
