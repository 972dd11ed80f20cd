import type { Members } from '../members.ts';
import { first, insert, named, put, remove, rows, setting, types, type Change, type Mutation } from '../mutation.ts';

const rule =
  (properties: Members): Change =>
  (copy) =>
    insert(first(copy, 'Microsoft.Network/networkSecurityGroups').properties, 'securityRules', {
      name: 'let-in',
      properties,
    });

export const networkMutations: readonly Mutation[] = [
  ...rows('a network is private unless somebody asks for a trial', {
    'the default is public': ({ template }) => put(template, 'parameters.publicNetwork.defaultValue', true),
  }),
  ...rows('nothing answers on a public address', {
    'the vault does': setting(types.vault, 'publicNetworkAccess', 'Enabled'),
    'the vault lets everybody in': setting(types.vault, 'networkAcls.defaultAction', 'Allow'),
    'the storage account does': setting(types.storage, 'publicNetworkAccess', undefined),
    'the app does': setting(types.site, 'publicNetworkAccess', 'Enabled'),
    'the workspace does': setting(types.workspace, 'publicNetworkAccessForIngestion', 'Enabled'),
    'Application Insights does': setting(types.insights, 'publicNetworkAccessForIngestion', 'Enabled'),
  }),
  ...rows('each service has an address in the network, and a name there that leads to it', {
    'the vault has none': remove('Microsoft.Network/privateEndpoints', named('pe-vault')),
    'the table service’s name is in the zone of another': (copy) => {
      const groups = 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups';
      const blob = first(copy, groups, named('pe-blob')).properties;
      first(copy, groups, named('pe-table')).properties['privateDnsZoneConfigs'] = blob['privateDnsZoneConfigs'];
    },
    'the table service has no name': remove(
      'Microsoft.Network/privateEndpoints/privateDnsZoneGroups',
      named('pe-table'),
    ),
  }),
  ...rows('the app calls out through the network', {
    'it is in no subnet': setting(types.site, 'virtualNetworkSubnetId', undefined),
  }),
  ...rows('no rule lets anybody in from outside the network', {
    'a rule lets half of the internet in': rule({
      direction: 'Inbound',
      access: 'Allow',
      sourceAddressPrefix: '0.0.0.0/1',
    }),
    'a rule lets several ranges in': rule({
      direction: 'Inbound',
      access: 'Allow',
      sourceAddressPrefixes: ['0.0.0.0/0'],
    }),
    'a rule does': rule({ direction: 'Inbound', access: 'Allow', sourceAddressPrefix: 'Internet', priority: 90 }),
    'a rule lets everybody in': rule({ direction: 'Inbound', access: 'Allow', sourceAddressPrefix: '*', priority: 90 }),
  }),
];
