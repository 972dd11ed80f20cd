import { resourcesOf, type Environment, type Evaluated, type Resource } from './evaluated.ts';
import { at, isMembers, listAt, type Members } from './members.ts';

/** A way to break a rule, done to a copy of what was evaluated. */
export type Mutation = {
  /** The policy that must see it; others may as well. */
  readonly breaks: string;
  readonly by: string;
  readonly change: (copy: Evaluated) => void;
};

const prod = ({ environments }: Evaluated): Environment => {
  const found = environments.find(({ name }) => name === 'prod');
  if (!found) throw new Error('There is no prod.');
  return found;
};

/** @throws where there is none: a mutation that changes nothing proves nothing. */
function first(copy: Evaluated, type: string, of: (resource: Resource) => boolean = () => true): Resource {
  const found = resourcesOf(prod(copy), type).find(of);
  if (!found) throw new Error(`There is no ${type} to change.`);
  return found;
}

/** Sets or, with `undefined`, deletes what stands at a path of a resource's properties. */
function put(target: unknown, path: string, value: unknown): void {
  const names = path.split('.');
  const last = names.pop() ?? '';
  const parent = names.length === 0 ? target : at(target, names.join('.'));
  if (!isMembers(parent)) throw new Error(`There is nothing at ${path}.`);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
}

const setting = (type: string, path: string, value: unknown) => (copy: Evaluated) =>
  put(first(copy, type).properties, path, value);
const settings = (copy: Evaluated) =>
  first(copy, 'Microsoft.Web/sites/config', ({ name }) => name.endsWith('/appsettings')).properties;
const signIn = (path: string, value: unknown) => (copy: Evaluated) =>
  put(
    first(copy, 'Microsoft.Web/sites/config', ({ name }) => name.endsWith('/authsettingsV2')).properties,
    path,
    value,
  );
const remove = (type: string, of?: (resource: Resource) => boolean) => (copy: Evaluated) => {
  const { resources } = prod(copy);
  resources.splice(resources.indexOf(first(copy, type, of)), 1);
};
const add = (resource: (copy: Evaluated) => Resource) => (copy: Evaluated) =>
  void prod(copy).resources.push(resource(copy));
const named =
  (part: string) =>
  ({ id, name }: Resource) =>
    id.includes(part) || name.includes(part);

const isRole =
  (part: string) =>
  ({ properties }: Resource) =>
    String(properties['roleName']).includes(part);

const storage = 'Microsoft.Storage/storageAccounts';
const vault = 'Microsoft.KeyVault/vaults';
const site = 'Microsoft.Web/sites';
const assignment = 'Microsoft.Authorization/roleAssignments';
const definition = 'Microsoft.Authorization/roleDefinitions';
const logAlert = 'Microsoft.Insights/scheduledQueryRules';
const metricAlert = 'Microsoft.Insights/metricAlerts';

/** A right like one that there is, on another scope. */
const right = (like: string, scope: (id: string) => string) =>
  add((copy) => {
    const found = first(copy, assignment, named(like));
    const [on = '', name = ''] = found.id.split('/providers/Microsoft.Authorization/');
    return { ...structuredClone(found), id: `${scope(on)}/providers/Microsoft.Authorization/${name}` };
  });

const inFirstQuery = (of: (resource: Resource) => boolean, from: string | RegExp, to: string) => (copy: Evaluated) => {
  const [criterion] = listAt(first(copy, logAlert, of).properties, 'criteria.allOf');
  if (!isMembers(criterion) || typeof criterion['query'] !== 'string') throw new Error('The alert has no query.');
  const changed = criterion['query'].replace(from, to);
  if (changed === criterion['query']) throw new Error(`The query has no ${String(from)}.`);
  criterion['query'] = changed;
};

const inWorkbook = (from: string, to: string) => (copy: Evaluated) => {
  const { properties } = first(copy, 'Microsoft.Insights/workbooks');
  const text = String(properties['serializedData']);
  if (!text.includes(from)) throw new Error(`The workbook has no ${from}.`);
  properties['serializedData'] = text.replace(from, to);
};

const insert = (target: unknown, path: string, value: unknown) => {
  const list = at(target, path);
  if (!Array.isArray(list)) throw new Error(`There is no list at ${path}.`);
  list.push(value);
};

const permissions =
  (of: (resource: Resource) => boolean, kind: 'actions' | 'dataActions', action: string) => (copy: Evaluated) =>
    insert(listAt(first(copy, definition, of).properties, 'permissions')[0], kind, action);

const rule = (properties: Members) => (copy: Evaluated) =>
  insert(first(copy, 'Microsoft.Network/networkSecurityGroups').properties, 'securityRules', {
    name: 'let-in',
    properties,
  });

const isKey = named('/secrets/okq8-core/');
const isRotation = named('/subscriptions/okq8-core/providers/Microsoft.Authorization');

/** Each policy stands in one row at least; `npm run infra:check` fails where one does not, or does not see its mutation. */
export const mutations: readonly Mutation[] = [
  ...rows('a network is private unless somebody asks for a trial', {
    'the default is public': ({ template }) => put(template, 'parameters.publicNetwork.defaultValue', true),
  }),
  ...rows('nothing answers on a public address', {
    'the vault does': setting(vault, 'publicNetworkAccess', 'Enabled'),
    'the vault lets everybody in': setting(vault, 'networkAcls.defaultAction', 'Allow'),
    'the storage account does': setting(storage, 'publicNetworkAccess', undefined),
    'the app does': setting(site, 'publicNetworkAccess', 'Enabled'),
    'the workspace does': setting(
      'Microsoft.OperationalInsights/workspaces',
      'publicNetworkAccessForIngestion',
      'Enabled',
    ),
    'Application Insights does': setting('Microsoft.Insights/components', 'publicNetworkAccessForIngestion', 'Enabled'),
  }),
  ...rows('each service has an address in the network, and a name there that leads to it', {
    'the vault has none': remove('Microsoft.Network/privateEndpoints', named('pe-vault')),
    'the table service has no name': remove(
      'Microsoft.Network/privateEndpoints/privateDnsZoneGroups',
      named('pe-table'),
    ),
  }),
  ...rows('the app calls out through the network', {
    'it is in no subnet': setting(site, 'virtualNetworkSubnetId', undefined),
  }),
  ...rows('no rule lets the internet in', {
    'a rule does': rule({ direction: 'Inbound', access: 'Allow', sourceAddressPrefix: 'Internet', priority: 90 }),
    'a rule lets everybody in': rule({ direction: 'Inbound', access: 'Allow', sourceAddressPrefix: '*', priority: 90 }),
  }),
  ...rows('everything speaks TLS alone', {
    'the storage account takes HTTP': setting(storage, 'supportsHttpsTrafficOnly', false),
    'the app takes HTTP': setting(site, 'httpsOnly', false),
    'the app takes FTP': setting(site, 'siteConfig.ftpsState', 'AllAllowed'),
  }),
  ...rows('and TLS 1.2 at least', {
    'the storage account takes 1.0': setting(storage, 'minimumTlsVersion', 'TLS1_0'),
    'the app takes 1.1': setting(site, 'siteConfig.minTlsVersion', '1.1'),
    'the app’s deployment says nothing': setting(site, 'siteConfig.scmMinTlsVersion', undefined),
  }),
  ...rows('no key opens anything: whoever asks has a role', {
    'the storage account has keys': setting(storage, 'allowSharedKeyAccess', true),
    'a container may be public': setting(storage, 'allowBlobPublicAccess', true),
    'the vault has access policies': setting(vault, 'enableRbacAuthorization', false),
    'Application Insights takes its key': setting('Microsoft.Insights/components', 'DisableLocalAuth', false),
    'the workspace takes its key': setting(
      'Microsoft.OperationalInsights/workspaces',
      'features.disableLocalAuth',
      false,
    ),
    'the app can be deployed with a password': setting(`${site}/basicPublishingCredentialsPolicies`, 'allow', true),
    'the package is got with a connection string': setting(
      site,
      'functionAppConfig.deployment.storage.authentication',
      {
        type: 'StorageAccountConnectionString',
      },
    ),
  }),
  ...rows('what is deleted can be had back', {
    'the vault can be purged': setting(vault, 'enablePurgeProtection', undefined),
    'the vault has no soft delete': setting(vault, 'enableSoftDelete', false),
    'blobs have no versions': setting(`${storage}/blobServices`, 'isVersioningEnabled', false),
    'deleted blobs are gone': setting(`${storage}/blobServices`, 'deleteRetentionPolicy.enabled', false),
  }),
  ...rows('the app runs on Node.js 24, on Linux', {
    'it runs on 20': setting(site, 'functionAppConfig.runtime.version', '20'),
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
    'a property has a key': setting(site, 'siteConfig.appSettings', [{ name: 'A', value: 'AccountKey=abc' }]),
    'an output has a key': (copy) =>
      put(prod(copy).outputs, 'key', { type: 'string', value: "[listKeys('…', '2026-06-01')]" }),
  }),
  ...rows('no output of the template has a secret', {
    'one has a key': ({ template }) =>
      put(template, 'outputs.key', { type: 'string', value: "[listKeys(variables('a'), '2026-06-01')]" }),
  }),
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
        first(copy, assignment, named('/containers/packages/')).properties,
        'roleDefinitionId',
        '/subscriptions/1/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
      ),
    'it is somebody else’s': (copy) =>
      put(first(copy, assignment, named('/vaults/')).properties, 'principalId', '5a0c6a4e-3d2b-4f1e-9c8d-7b6a5f4e3d2c'),
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
    'it is a new one': (copy) => put(first(copy, definition).properties, 'roleName', 'Token broker helper (x)'),
  }),
  ...rows('the broker may write the secrets that its configuration has rotated, and no other', {
    'a client secret as well': right('/secrets/okq8-core/', (on) => on.replace(/okq8-core$/, 'okq8-client-secret')),
    'one too few': remove(assignment, isKey),
  }),
  ...rows('the broker may rotate the subscriptions that its configuration names, and no other', {
    'another as well': right('/service/apim-example/subscriptions/', (on) => on.replace(/okq8-core$/, 'master')),
    'one too few': remove(assignment, isRotation),
  }),
  ...rows('every query names events, fields, metrics and attributes that the broker has', {
    'an event is misspelt': inFirstQuery(named('alert-rotation-failed'), "'rotation-failed'", "'rotation-failure'"),
    'a field is not there': inFirstQuery(named('alert-rotation-failed'), 'line.reason', 'line.because'),
    'a reason is not there': inFirstQuery(named('alert-rotation-not-settled'), 'new-key-refused', 'new-key-rejected'),
    'a metric is not there': inFirstQuery(
      named('alert-rotation-overdue'),
      'token_broker.rotation.overdue',
      'token_broker.rotation.late',
    ),
    'an attribute is not there': inFirstQuery(
      named('alert-rotation-overdue'),
      "'token_broker.subscription'",
      "'token_broker.caller'",
    ),
    'a table is not there': inFirstQuery(named('alert-refusals'), 'AppRequests', 'AppRequest'),
    'no event is named': inFirstQuery(named('alert-unexpected-error'), /\| where tostring.*\n/, ''),
    'the workbook’s event is not there': inWorkbook("'config-taken'", "'config-loaded'"),
    'the workbook’s metric is not there': inWorkbook('token_broker.hand_outs', 'token_broker.handouts'),
  }),
  ...rows('every metric alert is on a metric that the platform has', {
    'it is misspelt': (copy) =>
      put(listAt(first(copy, metricAlert).properties, 'criteria.allOf')[0], 'metricName', 'Http500'),
  }),
  ...rows('an alert is split by a column that its query ends with', {
    'it is not one': inFirstQuery(named('alert-client-secret-expires'), 'client = ', 'who = '),
  }),
  ...rows('somebody is told of everything that the broker warns of', {
    'nobody is, of an event': inFirstQuery(named('alert-config-refused'), ", 'config-failed'", ''),
    'nobody is, of a reason': inFirstQuery(
      named('alert-rotation-blocked'),
      "'vault-unreadable'",
      "'vault-not-writable'",
    ),
  }),
  ...rows('each alert that must be there is there, and goes to the action group', {
    'one is missing': remove(logAlert, named('alert-timer-silent')),
    'one is off': setting(metricAlert, 'enabled', false),
    'one tells nobody': setting(logAlert, 'actions', { actionGroups: [] }),
    'a metric alert tells nobody': setting(metricAlert, 'actions', []),
  }),
  ...rows('in production the action group has somebody in it', {
    'it has nobody': setting('Microsoft.Insights/actionGroups', 'emailReceivers', []),
  }),
  ...rows('whatever takes tags has them', {
    'the vault has none': (copy) => put(first(copy, vault), 'tags', {}),
    'the app lacks one': (copy) => put(first(copy, site), 'tags.application', undefined),
  }),
  ...rows('who did what with vault, storage, logs and app is on record', {
    'not of the vault': remove('Microsoft.Insights/diagnosticSettings', named('/vaults/')),
    'not of the tables': (copy) =>
      put(first(copy, 'Microsoft.Insights/diagnosticSettings', named('/tableServices/')).properties, 'logs', []),
  }),
  ...rows('nothing is named but the plan, the app and their like: no virtual machine, no deployment script', {
    'there is a script': add((copy) => ({
      ...structuredClone(first(copy, vault)),
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

function rows(breaks: string, changes: Readonly<Record<string, Mutation['change']>>): Mutation[] {
  return Object.entries(changes).map(([by, change]) => ({ breaks, by, change }));
}
