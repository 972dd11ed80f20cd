import { ConfigError, type ConfigProblem } from './problem.ts';
import { guidPattern } from '../names.ts';
import { isBlobUrl, isHttpsOrigin, isSafeUrl, isUrl, withoutTrailingSlash } from './url.ts';

/** The app settings that the broker reads, validated. URLs have no slash at their end. */
export type Settings = {
  /** The blob that the configuration is in; absent where it is in a file. */
  readonly configBlobUrl: string | undefined;
  readonly keyVaultUrl: string;
  readonly authorityHost: string;
  readonly resourceManagerUrl: string;
  /** What tokens for Azure Resource Manager are asked for. */
  readonly resourceManagerAudience: string;
  /** Where rotation records and the audit trail are kept; needed where there is either. */
  readonly tableServiceUrl: string | undefined;
  readonly verifyKeyVaultChallenge: boolean;
  /** The client id of a user-assigned managed identity; absent for the system-assigned one. */
  readonly identityClientId: string | undefined;
  /** App Service authentication is on: the platform writes the principal's header, and takes a client's own away. */
  readonly isSignInOn: boolean;
};

type Setting = {
  readonly description: string;
  readonly remedy: string;
  readonly isValid: (value: string) => boolean;
  /** Absent where the setting must be given. */
  readonly default?: string;
  /** May be absent without a default. */
  readonly optional?: true;
};

const urlRemedy = (example: string) => `Set it to an https URL without a path, such as ${example}.`;
const sixFields = /^[\dA-Za-z*,/-]+(\s+[\dA-Za-z*,/-]+){5}$/;

/** Every app setting of the broker. `docs/config.md` and `local.settings.sample.json` are held to this table by a test. */
export const settingsTable = {
  KEY_VAULT_URL: {
    description: 'The vault that holds client secrets and subscription keys.',
    remedy: urlRemedy('https://my-vault.vault.azure.net'),
    isValid: isHttpsOrigin,
  },
  BROKER_CONFIG: {
    description:
      'The configuration: a file, relative to the app’s folder, or a blob, which is read again while the broker runs (`docs/config-reload.md`).',
    remedy:
      'Set it to the path of a file, or to the https URL of a blob, such as https://myaccount.blob.core.windows.net/config/broker.config.json. The managed identity reads the blob: leave out any SAS token.',
    isValid: (value) => (isUrl(value) ? isBlobUrl(value) : value.trim() !== '' && !value.includes('\0')),
    default: 'broker.config.json',
  },
  ROTATION_SCHEDULE: {
    description: 'When the rotation timer fires: six NCRONTAB fields, seconds first. The host reads it.',
    remedy: 'Set it to six fields, such as "0 * * * * *" for every minute.',
    isValid: (value) => sixFields.test(value),
  },
  AZURE_AUTHORITY_HOST: {
    description:
      'Where Entra issues tokens, as it stands in the issuer of v2.0 tokens: https://login.microsoftonline.us, https://login.partner.microsoftonline.cn.',
    remedy: urlRemedy('https://login.microsoftonline.us'),
    isValid: isHttpsOrigin,
    default: 'https://login.microsoftonline.com',
  },
  AZURE_RESOURCE_MANAGER_URL: {
    description: 'Where Azure Resource Manager answers; another in sovereign clouds.',
    remedy: urlRemedy('https://management.usgovcloudapi.net'),
    isValid: isHttpsOrigin,
    default: 'https://management.azure.com',
  },
  AZURE_RESOURCE_MANAGER_AUDIENCE: {
    description: 'The audience of tokens for Azure Resource Manager. Default: what `AZURE_RESOURCE_MANAGER_URL` says.',
    remedy: urlRemedy('https://management.azure.com'),
    isValid: isHttpsOrigin,
    optional: true,
  },
  TABLE_SERVICE_URL: {
    description:
      'The table service of the storage account that keeps rotation records, and the audit trail where `broker.audit.sink` is `table`. Needed for either.',
    remedy: 'Set it to an https URL such as https://myaccount.table.core.windows.net.',
    isValid: (value) => isSafeUrl(value) && value.startsWith('https:'),
    optional: true,
  },
  KEY_VAULT_CHALLENGE_VERIFICATION: {
    description:
      'Whether Key Vault’s challenge must name the vault’s own domain: `on`, or `off` behind a private DNS name of your own. When off, whoever answers for the vault says for which resource the identity’s token is.',
    remedy: 'Set it to on or off.',
    isValid: (value) => value === 'on' || value === 'off',
    default: 'on',
  },
  AZURE_CLIENT_ID: {
    description: 'The client id of a user-assigned managed identity. Leave it out for the system-assigned one.',
    remedy: 'Set it to a GUID, or remove it.',
    isValid: (value) => guidPattern.test(value),
    optional: true,
  },
  WEBSITE_AUTH_ENABLED: {
    description:
      'Set by the platform: `True` where App Service authentication is on. Only then does the broker take the platform’s word for who has signed in.',
    remedy: 'Leave it to the platform.',
    // Nothing that the platform sets keeps the broker from starting.
    isValid: () => true,
    optional: true,
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settingsTable;
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the app settings.
 *
 * @throws {ConfigError} with every problem at once. Values are not quoted: one may be a secret in the wrong place.
 */
export function readSettings(environment: Environment): Settings {
  const problems = Object.entries<Setting>(settingsTable).flatMap(([name, setting]) =>
    check(name, setting, environment[name]),
  );
  if (problems.length > 0) throw new ConfigError('The set of app settings', problems);
  const read = (name: SettingName) => {
    const setting: Setting = settingsTable[name];
    return environment[name] ?? setting.default ?? '';
  };
  return Object.freeze({
    configBlobUrl: isUrl(read('BROKER_CONFIG')) ? read('BROKER_CONFIG') : undefined,
    keyVaultUrl: new URL(read('KEY_VAULT_URL')).origin,
    authorityHost: new URL(read('AZURE_AUTHORITY_HOST')).origin,
    resourceManagerUrl: new URL(read('AZURE_RESOURCE_MANAGER_URL')).origin,
    resourceManagerAudience: new URL(
      environment['AZURE_RESOURCE_MANAGER_AUDIENCE'] ?? read('AZURE_RESOURCE_MANAGER_URL'),
    ).origin,
    tableServiceUrl: environment['TABLE_SERVICE_URL'] && withoutTrailingSlash(environment['TABLE_SERVICE_URL']),
    verifyKeyVaultChallenge: read('KEY_VAULT_CHALLENGE_VERIFICATION') === 'on',
    identityClientId: read('AZURE_CLIENT_ID') || undefined,
    isSignInOn: read('WEBSITE_AUTH_ENABLED').toLowerCase() === 'true',
  });
}

function check(path: string, setting: Setting, value: string | undefined): ConfigProblem[] {
  if (value === undefined) {
    const mayBeAbsent = setting.optional || setting.default !== undefined;
    return mayBeAbsent ? [] : [{ path, problem: 'is missing', remedy: setting.remedy }];
  }
  return setting.isValid(value) ? [] : [{ path, problem: 'is not valid', remedy: setting.remedy }];
}
