import { settingsTable, type SettingName } from '../../../shared/config/settings.ts';
import { nameOf, resourcesOf, type Environment, type Resource } from '../evaluated.ts';
import { evaluate, isRuntime } from '../expression.ts';
import { at, isMembers, textsIn } from '../members.ts';
import type { Policy } from '../policy.ts';

/** Settings of the broker's that are left to their default, or to the platform. Whoever adds a setting to the app decides here, or sets it. */
const left: ReadonlySet<SettingName> = new Set([
  // What `AZURE_RESOURCE_MANAGER_URL` says is right in every cloud of Microsoft's own.
  'AZURE_RESOURCE_MANAGER_AUDIENCE',
  // On, where the vault has a name of its own domain, as it has behind a private endpoint of Azure's.
  'KEY_VAULT_CHALLENGE_VERIFICATION',
  // The platform sets it.
  'WEBSITE_AUTH_ENABLED',
]);

/** What the Functions host and App Service read. FUNCTIONS_WORKER_RUNTIME is not one: Flex Consumption has it in functionAppConfig, and refuses it. */
const ofThePlatform = new Set([
  'AzureWebJobsStorage__blobServiceUri',
  'AzureWebJobsStorage__credential',
  'AzureWebJobsStorage__clientId',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
  'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID',
  'FUNCTIONS_REQUEST_BODY_SIZE_LIMIT',
]);

/** In bytes: what a call may have (`docs/call.md`), and twice that. */
const [leastBodyLimit, mostBodyLimit] = [4_194_304, 8_388_608];

/** A name that promises a secret, or a value that is one or gets one. */
const secretName = /secret|password|key$|connection_?string/i;
const secretValue =
  /\blist\w*(Keys|Secrets|Sas|ConnectionStrings?)\(|listKeys|AccountKey|SharedAccess|InstrumentationKey|[?&]sig=|DefaultEndpointsProtocol|@Microsoft\.KeyVault/i;
/** It names where telemetry goes. With local authentication off it opens nothing. */
const namesOnly = 'APPLICATIONINSIGHTS_CONNECTION_STRING';

export const settingsPolicies: readonly Policy[] = [
  {
    name: 'each setting that the app needs is set, and none that it does not know',
    against: ({ environments }) => environments.flatMap(settingsOf).flatMap(wronglySet),
  },
  {
    name: 'each setting has a value that the app takes',
    against: ({ environments }) => environments.flatMap(settingsOf).flatMap(wronglyValued),
  },
  {
    name: 'the host reads no body that is much longer than the broker takes',
    against: ({ environments }) => environments.flatMap(settingsOf).flatMap(longBodies),
  },
  {
    name: 'no key and no connection string is in a setting, in another property, or in an output',
    against: ({ environments }) => [
      ...environments.flatMap(settingsOf).flatMap(secretsInNames),
      ...environments.flatMap(({ name, resources, outputs }) => [
        ...resources.flatMap((resource) => secretsIn(nameOf(resource), resource.properties)),
        ...secretsIn(`${name}’s outputs`, outputs),
      ]),
    ],
  },
  {
    name: 'no output of the template, or of a module, has a secret or a connection string',
    against: ({ template, environments }) => [
      ...outputsIn(template).flatMap((outputs) => givenAway('A template', outputs)),
      ...environments.flatMap(({ name, outputs }) => givenAway(name, outputs)),
    ],
  },
  {
    name: 'settings stand in one place',
    against: ({ environments }) => environments.flatMap(settingsElsewhere),
  },
];

/** Of a template, and of all that it deploys. Modules' outputs stand in the deployment's record, as those of the template do. */
function outputsIn(template: unknown): unknown[] {
  if (!isMembers(template)) return [];
  const { outputs, resources } = template;
  const deployed = isMembers(resources) ? Object.values(resources) : Array.isArray(resources) ? resources : [];
  return [outputs, ...deployed.flatMap((each) => outputsIn(at(each, 'properties.template')))];
}

function givenAway(where: string, outputs: unknown): string[] {
  return Array.from(textsIn(outputs))
    .filter(({ text }) => secretValue.test(text) || /ConnectionString/i.test(text))
    .map(({ path }) => `${where}’s outputs: ${path} looks like a key or a connection string.`);
}

/** What stands in `siteConfig`, or in a configuration of another name, goes by none of these policies, and by none on TLS. */
function settingsElsewhere(environment: Environment): string[] {
  const sites = resourcesOf(environment, 'Microsoft.Web/sites').flatMap((site) =>
    ['appSettings', 'connectionStrings', 'azureStorageAccounts']
      .filter((name) => at(site.properties, `siteConfig.${name}`) !== undefined)
      .map((name) => `${nameOf(site)}: siteConfig.${name}`),
  );
  const others = resourcesOf(environment, 'Microsoft.Web/sites/config').filter(
    ({ name }) => !/\/(appsettings|authsettingsV2)$/.test(name),
  );
  return [...sites, ...others.map(nameOf)];
}

function settingsOf(environment: Environment): Resource[] {
  const found = resourcesOf(environment, 'Microsoft.Web/sites/config').filter(({ name }) =>
    name.endsWith('/appsettings'),
  );
  if (found.length === 0) throw new Error(`${environment.name} has no app settings.`);
  return found;
}

function wronglySet(resource: Resource): string[] {
  const set = Object.keys(resource.properties);
  const wanted = (Object.keys(settingsTable) as SettingName[]).filter((name) => !left.has(name));
  const absent = wanted.filter((name) => !set.includes(name));
  const unknown = set.filter((name) => !ofThePlatform.has(name) && !wanted.some((each) => each === name));
  const lacking = Array.from(ofThePlatform).filter((name) => !set.includes(name));
  return [
    ...absent.map((name) => `${name} is not set. ${settingsTable[name].remedy}`),
    ...lacking.map((name) => `${name} is not set: the platform needs it.`),
    ...unknown.map((name) => `${name} is set, and nobody reads it there.`),
  ].map((what) => `${nameOf(resource)}: ${what}`);
}

function wronglyValued(resource: Resource): string[] {
  return Object.entries(settingsTable).flatMap(([name, { isValid, remedy }]) => {
    const value = resource.properties[name];
    if (value === undefined || isRuntime(value)) return [];
    const text = typeof value === 'string' ? evaluate(value) : undefined;
    return text !== undefined && isValid(text) ? [] : [`${nameOf(resource)}: ${name} is not valid. ${remedy}`];
  });
}

function longBodies(resource: Resource): string[] {
  const limit = Number(resource.properties['FUNCTIONS_REQUEST_BODY_SIZE_LIMIT']);
  if (limit >= leastBodyLimit && limit <= mostBodyLimit) return [];
  return [`${nameOf(resource)}: FUNCTIONS_REQUEST_BODY_SIZE_LIMIT is not from ${leastBodyLimit} to ${mostBodyLimit}.`];
}

function secretsInNames(resource: Resource): string[] {
  return Object.keys(resource.properties)
    .filter((name) => secretName.test(name) && name !== namesOnly)
    .map((name) => `${nameOf(resource)}: ${name} is called like a secret.`);
}

function secretsIn(where: string, value: unknown): string[] {
  return Array.from(textsIn(value))
    .filter(({ text }) => secretValue.test(text))
    .map(({ path }) => `${where}: ${path} looks like a key or a connection string.`);
}
