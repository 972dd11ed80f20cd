import { add, first, insert, named, put, remove, rows, types, type Change, type Mutation } from '../mutation.ts';

const kind = (type: string): Change => add((copy) => ({ ...structuredClone(first(copy, types.vault)), type }));

export const upkeepMutations: readonly Mutation[] = [
  ...rows('whatever takes tags has them', {
    'the vault has none': (copy) => put(first(copy, types.vault), 'tags', {}),
    'the app lacks one': (copy) => put(first(copy, types.site), 'tags.application', undefined),
  }),
  ...rows('who did what with vault, storage, logs and app is on record', {
    'not of the vault': remove(types.diagnostics, named('/vaults/')),
    'not of the tables': (copy) => put(first(copy, types.diagnostics, named('/tableServices/')).properties, 'logs', []),
  }),
  ...rows('every resource is of a kind that the other policies look at', {
    'there is a script': kind('Microsoft.Resources/deploymentScripts'),
    'there is a slot, with settings of its own': kind('Microsoft.Web/sites/slots/config'),
    'a secret stands in the template': kind('Microsoft.KeyVault/vaults/secrets'),
    'somebody may be given a role on demand': kind('Microsoft.Authorization/roleEligibilityScheduleRequests'),
    'the network has a public address': kind('Microsoft.Network/publicIPAddresses'),
    'the storage account has a user with a password': kind('Microsoft.Storage/storageAccounts/localUsers'),
  }),
  ...rows('instances are kept ready for functions that there are', {
    'it is called otherwise': (copy) =>
      insert(first(copy, types.site).properties, 'functionAppConfig.scaleAndConcurrency.alwaysReady', {
        name: 'function:rotation',
        instanceCount: 1,
      }),
  }),
  ...rows('every resource and module has its reason in the line above it', {
    'one has none': ({ sources }) => {
      if (!(sources instanceof Map)) throw new Error('The sources cannot be changed.');
      sources.set(
        'modules/storage.bicep',
        String(sources.get('modules/storage.bicep')).replace(/^\/\/ Holds all.*\n/m, ''),
      );
    },
  }),
];
