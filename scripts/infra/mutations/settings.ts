import type { Evaluated } from '../evaluated.ts';
import { add, first, named, prod, put, rows, setting, types, type Change, type Mutation } from '../mutation.ts';

const settings = (copy: Evaluated) => first(copy, types.siteConfig, named('/appsettings')).properties;

const config = (kind: string): Change =>
  add((copy) => {
    const found = first(copy, types.siteConfig, named('/appsettings'));
    const renamed = (text: string) => text.replace(/appsettings$/, kind);
    return { ...structuredClone(found), id: renamed(found.id), name: renamed(found.name) };
  });

export const settingsMutations: readonly Mutation[] = [
  ...rows('each setting that the app needs is set, and none that it does not know', {
    'one is missing': (copy) => put(settings(copy), 'TABLE_SERVICE_URL', undefined),
    'one is misspelt': (copy) => put(settings(copy), 'KEYVAULT_URL', 'https://my-vault.vault.azure.net'),
    'the plan’s own is set': (copy) => put(settings(copy), 'FUNCTIONS_WORKER_RUNTIME', 'node'),
    'the platform’s own is set': (copy) => put(settings(copy), 'WEBSITE_AUTH_ENABLED', 'True'),
    'the host has no storage': (copy) => put(settings(copy), 'AzureWebJobsStorage__blobServiceUri', undefined),
  }),
  ...rows('each setting has a value that the app takes', {
    'a schedule has five fields': (copy) => put(settings(copy), 'ROTATION_SCHEDULE', '* * * * *'),
    'a URL has a path': (copy) => put(settings(copy), 'KEY_VAULT_URL', "[format('https://{0}/secrets', 'kv')]"),
    'a blob’s URL has a SAS token': (copy) =>
      put(settings(copy), 'BROKER_CONFIG', 'https://a.blob.core.windows.net/config/b.json?sp=r'),
  }),
  ...rows('the host reads no body that is much longer than the broker takes', {
    'it reads what it reads by default': (copy) =>
      put(settings(copy), 'FUNCTIONS_REQUEST_BODY_SIZE_LIMIT', '104857600'),
    'it reads less than a call may have': (copy) => put(settings(copy), 'FUNCTIONS_REQUEST_BODY_SIZE_LIMIT', '1048576'),
  }),
  ...rows('no key and no connection string is in a setting, in another property, or in an output', {
    'a setting has the account’s key': (copy) =>
      put(settings(copy), 'AzureWebJobsStorage', "[listKeys('…', '2026-06-01').keys[0].value]"),
    'a setting is a connection string': (copy) =>
      put(settings(copy), 'STORAGE', 'DefaultEndpointsProtocol=https;AccountName=a'),
    'a setting is called like a secret': (copy) => put(settings(copy), 'CLIENT_SECRET', 'x'),
    'a property has a key': setting(types.site, 'siteConfig.appSettings', [{ name: 'A', value: 'AccountKey=abc' }]),
    'an output has a key': (copy) =>
      put(prod(copy).outputs, 'key', { type: 'string', value: "[listKeys('…', '2026-06-01')]" }),
  }),
  ...rows('no output of the template, or of a module, has a secret or a connection string', {
    'one has a key': ({ template }) =>
      put(template, 'outputs.key', { type: 'string', value: "[listKeys(variables('a'), '2026-06-01')]" }),
    'one has a connection string': (copy) =>
      put(prod(copy).outputs, 'telemetry', {
        type: 'string',
        value: "[reference('…', '2020-02-02').ConnectionString]",
      }),
    'a module’s has the key of telemetry': ({ template }) =>
      put(template, 'resources.monitoring.properties.template.outputs.key', {
        type: 'string',
        value: "[reference('insights').InstrumentationKey]",
      }),
  }),
  ...rows('settings stand in one place', {
    'one stands in siteConfig': setting(types.site, 'siteConfig.appSettings', [{ name: 'A', value: 'b' }]),
    'a connection string does': setting(types.site, 'siteConfig.connectionStrings', []),
    'the app has connection strings': config('connectionstrings'),
    'another configuration says what TLS is': config('web'),
  }),
];
