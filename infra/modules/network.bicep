metadata description = 'The network that the broker reaches its vault, its storage and its logs through, and is reached through itself.'

param location string
param tags resourceTags
param name string
param suffix string

@description('The network’s addresses, a /24 or larger. They must not overlap with those of networks that it is peered with.')
param addressSpace string

@description('Names of the zones that lead to private endpoints.')
param zones privateZones

import { resourceTags, privateZones } from '../types.bicep'

// Private endpoints answer HTTPS from inside the network, and nothing else.
resource endpointRules 'Microsoft.Network/networkSecurityGroups@2026-03-01' = {
  name: 'nsg-endpoints-${suffix}'
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'AllowHttpsFromNetwork'
        properties: {
          priority: 100
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: 'VirtualNetwork'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '443'
        }
      }
      {
        name: 'DenyOthers'
        properties: {
          priority: 200
          direction: 'Inbound'
          access: 'Deny'
          protocol: '*'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '*'
        }
      }
    ]
  }
}

// The app only calls out: nothing reaches it through this subnet.
resource appRules 'Microsoft.Network/networkSecurityGroups@2026-03-01' = {
  name: 'nsg-app-${suffix}'
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'DenyInbound'
        properties: {
          priority: 100
          direction: 'Inbound'
          access: 'Deny'
          protocol: '*'
          sourceAddressPrefix: 'Internet'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '*'
        }
      }
    ]
  }
}

// Two subnets: a Flex Consumption app needs one to itself, delegated, and private endpoints are kept out of it.
resource network 'Microsoft.Network/virtualNetworks@2026-03-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [addressSpace] }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: cidrSubnet(addressSpace, 26, 0)
          networkSecurityGroup: { id: appRules.id }
          delegations: [{ name: 'flex-consumption', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: cidrSubnet(addressSpace, 26, 1)
          networkSecurityGroup: { id: endpointRules.id }
          // Without it the rules above would not hold for private endpoints.
          privateEndpointNetworkPolicies: 'Enabled'
        }
      }
    ]
  }

  // The subnet that the app is in.
  resource app 'subnets' existing = { name: 'app' }
}

// Names of Azure's services lead to the private endpoints, for whoever asks from inside the network.
resource privateNames 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zone in items(zones): {
    name: zone.value
    location: 'global'
    tags: tags
  }
]

// Lets the network ask the zones.
resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (zone, index) in items(zones): {
    parent: privateNames[index]
    name: network.name
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: { id: network.id }
    }
  }
]

output appSubnetId string = network::app.id
