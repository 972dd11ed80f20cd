import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import tls from 'node:tls';
import * as z from 'zod/mini';
import type { Values, globalOptions } from '../command.ts';
import { findStack, isLoopback } from '../connection/target.ts';
import { Failure, refuse } from '../failure.ts';
import type { Outside } from '../outside.ts';
import { codeOf } from '../text/error-code.ts';

export type SettingValues = Readonly<Record<string, string | undefined>>;

/** App settings, and where they were found. */
export type Found = {
  readonly source: string;
  readonly values: SettingValues;
  /** What answers at the local stack's address gave them: anybody's process on this machine may. */
  readonly isOfStack?: true;
};

type Given = Values<typeof globalOptions> & { readonly settings?: string };

const localSettings = 'local.settings.json';

/**
 * Finds the app settings of the broker to examine: in a file that was named, else in the environment, else the local stack's, else in
 * `local.settings.json` of the working directory.
 *
 * @throws {Failure} where there are none.
 */
export async function findSettings(given: Given, outside: Outside): Promise<Found> {
  if (given.settings !== undefined) return readSettingsFile(given.settings);
  if (!given.local && outside.environment['KEY_VAULT_URL'] !== undefined) {
    return { source: 'the environment', values: outside.environment };
  }
  const stack = await findStack(given, outside);
  if (stack) return { source: 'the local stack', values: await stack.settings(), isOfStack: true };
  if (existsSync(localSettings)) return readSettingsFile(localSettings);
  return refuse(
    'There are no app settings to examine.',
    'Name a file of them with --settings, set them in the environment, or start the local stack with npm start.',
    'To let a broker examine itself: broker doctor --remote.',
  );
}

/** As the Functions host's own file has them, or the bare object. */
const settingsFile = z.union([
  z.looseObject({ Values: z.record(z.string(), z.string()) }),
  z.record(z.string(), z.string()),
]);

function readSettingsFile(file: string): Found {
  const text = readNamed(file, '--settings');
  const read = settingsFile.safeParse(parse(text));
  if (!read.success)
    return refuse(
      `${file} holds no app settings.`,
      `It is to look like local.settings.sample.json: { "Values": { "KEY_VAULT_URL": "https://…" } }.`,
    );
  const values = 'Values' in read.data && typeof read.data.Values === 'object' ? read.data.Values : read.data;
  // Paths in it start at its own folder, as the host reads it.
  return { source: file, values: { AzureWebJobsScriptRoot: dirname(resolve(file)), ...values } as SettingValues };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** As whom it is looked at: as the app, or as whoever is signed in to the Azure CLI. */
export type Identity = 'managed-identity' | 'cli';

/** The app's own where the settings have one: only there is what it may do what the app may do. */
export function chooseIdentity({ auth }: Given, { values, isOfStack }: Found): Identity {
  if (isOfStack) return stacksOwn(auth, values);
  if (auth === 'cli' || auth === 'managed-identity') return auth;
  return values['IDENTITY_ENDPOINT'] === undefined ? 'cli' : 'managed-identity';
}

/**
 * The local stack gives tokens of its own, which open nothing else. Yours, or this machine's, would go to whatever address stands in its settings.
 *
 * @throws {Failure} where it gives none, or another was asked for.
 */
function stacksOwn(
  auth: Given['auth'],
  { IDENTITY_ENDPOINT: endpoint = '', IDENTITY_HEADER: header }: SettingValues,
): Identity {
  if (auth !== 'cli' && header && URL.canParse(endpoint) && isLoopback(endpoint)) return 'managed-identity';
  return refuse(
    auth === 'cli'
      ? 'The local stack is looked at with its own tokens.'
      : 'What answers as the local stack gives no tokens of its own.',
    'A sign-in of yours is not used for what it says: name the app settings with --settings, or set them in the environment.',
  );
}

/** What the platform sets, and libraries read from the process. */
const platformSettings = ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER', 'AZURE_CLIENT_ID'] as const;

/** Makes of this process what the settings would have made of the broker's: its identity, and whom it trusts. */
export function adopt({ values }: Found, outside: Outside): void {
  const given = platformSettings.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]] as const]));
  outside.setEnvironment(Object.fromEntries(given));
  const authority = values['NODE_EXTRA_CA_CERTS'];
  // Node.js reads this one before anything runs.
  if (authority === undefined || authority === outside.environment['NODE_EXTRA_CA_CERTS']) return;
  const certificates = readNamed(authority, 'NODE_EXTRA_CA_CERTS');
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), certificates]);
}

function readNamed(file: string, source: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Failure(2, `${source} names a file that cannot be read: ${join(file)} (${codeOf(error)}).`);
  }
}
