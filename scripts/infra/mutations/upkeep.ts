import { add, first, named, put, remove, rows, types, type Mutation } from '../mutation.ts';

export const upkeepMutations: readonly Mutation[] = [
  ...rows('whatever takes tags has them', {
    'the vault has none': (copy) => put(first(copy, types.vault), 'tags', {}),
    'the app lacks one': (copy) => put(first(copy, types.site), 'tags.application', undefined),
  }),
  ...rows('who did what with vault, storage, logs and app is on record', {
    'not of the vault': remove(types.diagnostics, named('/vaults/')),
    'not of the tables': (copy) => put(first(copy, types.diagnostics, named('/tableServices/')).properties, 'logs', []),
  }),
  ...rows('nothing is named but the plan, the app and their like: no virtual machine, no deployment script', {
    'there is a script': add((copy) => ({
      ...structuredClone(first(copy, types.vault)),
      type: 'Microsoft.Resources/deploymentScripts',
    })),
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
