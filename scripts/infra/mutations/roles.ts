import type { Resource } from '../evaluated.ts';
import { listAt } from '../members.ts';
import { add, first, insert, named, put, remove, rows, types, type Change, type Mutation } from '../mutation.ts';

/** A right like one that there is, on another scope. */
const right = (like: string, scope: (id: string) => string): Change =>
  add((copy) => {
    const found = first(copy, types.assignment, named(like));
    const [on = '', name = ''] = found.id.split('/providers/Microsoft.Authorization/');
    return { ...structuredClone(found), id: `${scope(on)}/providers/Microsoft.Authorization/${name}` };
  });

const isRole =
  (part: string) =>
  ({ properties }: Resource) =>
    String(properties['roleName']).includes(part);

const permissions =
  (of: (resource: Resource) => boolean, kind: 'actions' | 'dataActions', action: string): Change =>
  (copy) =>
    insert(listAt(first(copy, types.definition, of).properties, 'permissions')[0], kind, action);

const isKey = named('/secrets/okq8-core/');
const isRotation = named('/subscriptions/okq8-core/providers/Microsoft.Authorization');

export const rolesMutations: readonly Mutation[] = [
  ...rows('every role assignment is on the list: this role, on that scope, to the app’s identity', {
    'secrets of the whole group may be read': right('/vaults/', (on) =>
      on.replace(/\/providers\/Microsoft\.KeyVault\/.*$/, ''),
    ),
    'the whole account may be written': right('/containers/packages/', (on) => on.replace(/\/blobServices\/.*$/, '')),
    'the configuration may be written by the broker': right('/containers/packages/', (on) =>
      on.replace(/packages$/, 'config'),
    ),
    'keys may be published to the whole vault': right('/secrets/okq8-core/', (on) => on.replace(/\/secrets\/.*$/, '')),
    'the role is Owner': (copy) =>
      put(
        first(copy, types.assignment, named('/containers/packages/')).properties,
        'roleDefinitionId',
        '/subscriptions/1/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
      ),
    'it is somebody else’s': (copy) =>
      put(
        first(copy, types.assignment, named('/vaults/')).properties,
        'principalId',
        '5a0c6a4e-3d2b-4f1e-9c8d-7b6a5f4e3d2c',
      ),
  }),
  ...rows('a role of our own allows what is listed, and no wildcard', {
    'it may delete secrets': permissions(
      isRole('key publisher'),
      'dataActions',
      'Microsoft.KeyVault/vaults/secrets/delete',
    ),
    'it may change audit records': permissions(
      isRole('audit writer'),
      'dataActions',
      'Microsoft.Storage/storageAccounts/tableServices/tables/entities/update/action',
    ),
    'it may do all with subscriptions': permissions(
      isRole('key rotator'),
      'actions',
      'Microsoft.ApiManagement/service/subscriptions/*',
    ),
    'it is a new one': (copy) => put(first(copy, types.definition).properties, 'roleName', 'Token broker helper (x)'),
  }),
  ...rows('a role of our own can be assigned in one resource group alone', {
    'one can in the whole subscription': (copy) =>
      put(first(copy, types.definition).properties, 'assignableScopes', [
        '/subscriptions/11111111-1111-4111-8111-111111111111',
      ]),
  }),
  ...rows('the broker may write the secrets that its configuration has rotated, and no other', {
    'a client secret as well': right('/secrets/okq8-core/', (on) => on.replace(/okq8-core$/, 'okq8-client-secret')),
    'one too few': remove(types.assignment, isKey),
  }),
  ...rows('the broker may rotate the subscriptions that its configuration names, and no other', {
    'another as well': right('/service/apim-example/subscriptions/', (on) => on.replace(/okq8-core$/, 'master')),
    'one too few': remove(types.assignment, isRotation),
  }),
];
