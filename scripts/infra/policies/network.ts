import { isPrivate, nameOf, resourcesOf, type Environment, type Resource } from '../evaluated.ts';
import { at, listAt, textAt } from '../members.ts';
import type { Policy } from '../policy.ts';

/** What answers on addresses of its own, and how it says that those are not public. */
const closed: readonly (readonly [type: string, path: string, value: string])[] = [
  ['Microsoft.KeyVault/vaults', 'publicNetworkAccess', 'Disabled'],
  ['Microsoft.KeyVault/vaults', 'networkAcls.defaultAction', 'Deny'],
  ['Microsoft.Storage/storageAccounts', 'publicNetworkAccess', 'Disabled'],
  ['Microsoft.Storage/storageAccounts', 'networkAcls.defaultAction', 'Deny'],
  ['Microsoft.Web/sites', 'publicNetworkAccess', 'Disabled'],
  ['Microsoft.OperationalInsights/workspaces', 'publicNetworkAccessForIngestion', 'Disabled'],
  ['Microsoft.Insights/components', 'publicNetworkAccessForIngestion', 'Disabled'],
];

/** Each needs an address in the network, and its names are in these zones ("Azure private endpoint private DNS zone values"). */
const groups: Readonly<Record<string, readonly string[]>> = {
  vault: ['.vaultcore.'],
  blob: ['privatelink.blob.'],
  table: ['privatelink.table.'],
  sites: ['privatelink.azurewebsites.net'],
  azuremonitor: [
    'privatelink.monitor.azure.com',
    'privatelink.oms.opinsights.azure.com',
    'privatelink.ods.opinsights.azure.com',
    'privatelink.agentsvc.azure-automation.net',
    'privatelink.blob.',
  ],
};

/** Where whoever is let in may be. A range of addresses may be half of the internet: name a network. */
const inside = new Set(['VirtualNetwork', 'AzureLoadBalancer']);

export const networkPolicies: readonly Policy[] = [
  {
    name: 'a network is private unless somebody asks for a trial',
    against: ({ template }) =>
      at(template, 'parameters.publicNetwork.defaultValue') === false
        ? []
        : ['The parameter publicNetwork is not false by default.'],
  },
  {
    name: 'nothing answers on a public address',
    against: ({ environments }) => environments.filter(isPrivate).flatMap(answersInPublic),
  },
  {
    name: 'each service has an address in the network, and a name there that leads to it',
    against: ({ environments }) => environments.filter(isPrivate).flatMap(lacksEndpoints),
  },
  {
    name: 'the app calls out through the network',
    against: ({ environments }) =>
      environments
        .filter(isPrivate)
        .flatMap((environment) => resourcesOf(environment, 'Microsoft.Web/sites'))
        .filter(({ properties }) => textAt(properties, 'virtualNetworkSubnetId') === '')
        .map((site) => `${nameOf(site)} is in no subnet.`),
  },
  {
    name: 'no rule lets anybody in from outside the network',
    against: ({ environments }) =>
      environments
        .flatMap((environment) => resourcesOf(environment, 'Microsoft.Network/networkSecurityGroups'))
        .flatMap((group) =>
          listAt(group.properties, 'securityRules')
            .filter(letsIn)
            .map((rule) => [group, rule] as const),
        )
        .map(([group, rule]) => `${nameOf(group)}: ${textAt(rule, 'name')}`),
  },
];

function answersInPublic(environment: Environment): string[] {
  return closed.flatMap(([type, path, value]) => {
    const found = resourcesOf(environment, type);
    if (found.length === 0) return [`There is no ${type}.`];
    return found
      .filter(({ properties }) => at(properties, path) !== value)
      .map((resource) => `${nameOf(resource)}: ${path} is not ${value}.`);
  });
}

function lacksEndpoints(environment: Environment): string[] {
  const endpoints = resourcesOf(environment, 'Microsoft.Network/privateEndpoints');
  const named = resourcesOf(environment, 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups');
  const leadsTo = (endpoint: Resource, group: string) =>
    listAt(endpoint.properties, 'privateLinkServiceConnections').some((connection) =>
      listAt(connection, 'properties.groupIds').includes(group),
    );
  const zonesOf = (endpoint: Resource) =>
    named
      .filter(({ id }) => id.startsWith(`${endpoint.id}/`))
      .flatMap(({ properties }) => listAt(properties, 'privateDnsZoneConfigs'))
      .map((zone) => textAt(zone, 'properties.privateDnsZoneId'));
  return Object.entries(groups).flatMap(([group, zones]) => {
    const found = endpoints.filter((endpoint) => leadsTo(endpoint, group));
    if (found.length === 0) return [`${environment.name} has no private endpoint for ${group}.`];
    return found.flatMap((endpoint) =>
      zones
        .filter((zone) => !zonesOf(endpoint).some((id) => id.includes(zone)))
        .map((zone) => `${nameOf(endpoint)} has no name in ${zone}`),
    );
  });
}

function letsIn(rule: unknown): boolean {
  const [direction, access, from = ''] = ['direction', 'access', 'sourceAddressPrefix'].map((path) =>
    textAt(rule, `properties.${path}`),
  );
  const isInside = inside.has(from) && listAt(rule, 'properties.sourceAddressPrefixes').length === 0;
  return direction === 'Inbound' && access === 'Allow' && !isInside;
}
