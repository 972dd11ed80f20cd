import { first, named, put, rows, setting, types, type Change, type Mutation } from '../mutation.ts';

const signIn =
  (path: string, value: unknown): Change =>
  (copy) =>
    put(first(copy, types.siteConfig, named('/authsettingsV2')).properties, path, value);

export const hardeningMutations: readonly Mutation[] = [
  ...rows('everything speaks TLS alone', {
    'the storage account takes HTTP': setting(types.storage, 'supportsHttpsTrafficOnly', false),
    'the app takes HTTP': setting(types.site, 'httpsOnly', false),
    'the app takes FTP': setting(types.site, 'siteConfig.ftpsState', 'AllAllowed'),
  }),
  ...rows('and TLS 1.2 at least', {
    'the storage account takes 1.0': setting(types.storage, 'minimumTlsVersion', 'TLS1_0'),
    'the app takes 1.1': setting(types.site, 'siteConfig.minTlsVersion', '1.1'),
    'the app’s deployment says nothing': setting(types.site, 'siteConfig.scmMinTlsVersion', undefined),
  }),
  ...rows('no key opens anything: whoever asks has a role', {
    'the storage account has keys': setting(types.storage, 'allowSharedKeyAccess', true),
    'a container may be public': setting(types.storage, 'allowBlobPublicAccess', true),
    'the vault has access policies': setting(types.vault, 'enableRbacAuthorization', false),
    'Application Insights takes its key': setting(types.insights, 'DisableLocalAuth', false),
    'the workspace takes its key': setting(types.workspace, 'features.disableLocalAuth', false),
    'the app can be deployed with a password': setting(
      `${types.site}/basicPublishingCredentialsPolicies`,
      'allow',
      true,
    ),
    'the package is got with a connection string': setting(
      types.site,
      'functionAppConfig.deployment.storage.authentication',
      {
        type: 'StorageAccountConnectionString',
      },
    ),
  }),
  ...rows('what is deleted can be had back', {
    'the vault can be purged': setting(types.vault, 'enablePurgeProtection', undefined),
    'the vault has no soft delete': setting(types.vault, 'enableSoftDelete', false),
    'blobs have no versions': setting(`${types.storage}/blobServices`, 'isVersioningEnabled', false),
    'deleted blobs are gone': setting(`${types.storage}/blobServices`, 'deleteRetentionPolicy.enabled', false),
  }),
  ...rows('the app runs on Node.js 24, on Linux', {
    'it runs on 20': setting(types.site, 'functionAppConfig.runtime.version', '20'),
    'it is a Windows plan': setting('Microsoft.Web/serverfarms', 'reserved', false),
  }),
  ...rows('people are signed in by App Service, without a secret, and the broker decides who they are', {
    'they are not': signIn('platform.enabled', false),
    'callers are turned away': signIn('globalValidation.unauthenticatedClientAction', 'RedirectToLoginPage'),
    'tokens are kept': signIn('login.tokenStore.enabled', true),
    'by a secret': signIn(
      'identityProviders.azureActiveDirectory.registration.clientSecretSettingName',
      'CLIENT_SECRET',
    ),
  }),
];
