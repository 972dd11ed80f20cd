import type { Evaluated } from '../evaluated.ts';
import { first, named, prod, put, rows, setting, types, type Mutation } from '../mutation.ts';

const settings = (copy: Evaluated) => first(copy, types.siteConfig, named('/appsettings')).properties;

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
  ...rows('no output of the template has a secret', {
    'one has a key': ({ template }) =>
      put(template, 'outputs.key', { type: 'string', value: "[listKeys(variables('a'), '2026-06-01')]" }),
  }),
];
