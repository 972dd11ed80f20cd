import { nameOf, resourcesOf, type Environment } from '../evaluated.ts';
import { at } from '../members.ts';
import type { Policy } from '../policy.ts';

/** What a resource must say, word for word. */
type Demand = readonly [type: string, path: string, value: unknown];

const encrypted: readonly Demand[] = [
  ['Microsoft.Storage/storageAccounts', 'supportsHttpsTrafficOnly', true],
  ['Microsoft.Web/sites', 'httpsOnly', true],
  ['Microsoft.Web/sites', 'siteConfig.ftpsState', 'Disabled'],
];

/** TLS 1.2, or 1.3. */
const versions: readonly (readonly [type: string, path: string, values: readonly string[]])[] = [
  ['Microsoft.Storage/storageAccounts', 'minimumTlsVersion', ['TLS1_2', 'TLS1_3']],
  ['Microsoft.Web/sites', 'siteConfig.minTlsVersion', ['1.2', '1.3']],
  ['Microsoft.Web/sites', 'siteConfig.scmMinTlsVersion', ['1.2', '1.3']],
];

const keyless: readonly Demand[] = [
  ['Microsoft.Storage/storageAccounts', 'allowSharedKeyAccess', false],
  ['Microsoft.Storage/storageAccounts', 'allowBlobPublicAccess', false],
  ['Microsoft.KeyVault/vaults', 'enableRbacAuthorization', true],
  ['Microsoft.Insights/components', 'DisableLocalAuth', true],
  ['Microsoft.OperationalInsights/workspaces', 'features.disableLocalAuth', true],
  ['Microsoft.Web/sites/basicPublishingCredentialsPolicies', 'allow', false],
  ['Microsoft.Web/sites', 'functionAppConfig.deployment.storage.authentication.type', 'UserAssignedIdentity'],
];

const recoverable: readonly Demand[] = [
  ['Microsoft.KeyVault/vaults', 'enableSoftDelete', true],
  ['Microsoft.KeyVault/vaults', 'enablePurgeProtection', true],
  ['Microsoft.Storage/storageAccounts/blobServices', 'isVersioningEnabled', true],
  ['Microsoft.Storage/storageAccounts/blobServices', 'deleteRetentionPolicy.enabled', true],
];

const plan: readonly Demand[] = [
  ['Microsoft.Web/serverfarms', 'reserved', true],
  ['Microsoft.Web/sites', 'functionAppConfig.runtime.name', 'node'],
  ['Microsoft.Web/sites', 'functionAppConfig.runtime.version', '24'],
];

const signIn: readonly Demand[] = [
  ['Microsoft.Web/sites/config', 'platform.enabled', true],
  // Callers come with tokens of their own, and the broker decides.
  ['Microsoft.Web/sites/config', 'globalValidation.unauthenticatedClientAction', 'AllowAnonymous'],
  ['Microsoft.Web/sites/config', 'login.tokenStore.enabled', false],
  [
    'Microsoft.Web/sites/config',
    'identityProviders.azureActiveDirectory.registration.clientSecretSettingName',
    'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID',
  ],
];

export const hardeningPolicies: readonly Policy[] = [
  demands('everything speaks TLS alone', encrypted),
  {
    name: 'and TLS 1.2 at least',
    against: ({ environments }) => environments.flatMap(speaksOldTls),
  },
  demands('no key opens anything: whoever asks has a role', keyless),
  demands('what is deleted can be had back', recoverable),
  demands('the app runs on Node.js 24, on Linux', plan),
  demands('people are signed in by App Service, without a secret, and the broker decides who they are', signIn),
];

function demands(name: string, all: readonly Demand[]): Policy {
  return {
    name,
    against: ({ environments }) => environments.flatMap((each) => all.flatMap((demand) => unmet(each, demand))),
  };
}

function unmet(environment: Environment, [type, path, value]: Demand): string[] {
  // Of the app's configurations one is about signing in; the other is its settings.
  const found = resourcesOf(environment, type).filter(
    ({ name }) => type !== 'Microsoft.Web/sites/config' || name.endsWith('/authsettingsV2'),
  );
  if (found.length === 0) return [`${environment.name} has no ${type}.`];
  return found
    .filter(({ properties }) => at(properties, path) !== value)
    .map((resource) => `${nameOf(resource)}: ${path} is not ${String(value)}.`);
}

function speaksOldTls(environment: Environment): string[] {
  return versions.flatMap(([type, path, values]) =>
    resourcesOf(environment, type)
      .filter(({ properties }) => !values.some((value) => value === at(properties, path)))
      .map((resource) => `${nameOf(resource)}: ${path} is none of ${values.join(', ')}.`),
  );
}
