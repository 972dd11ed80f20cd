metadata description = 'A private endpoint of one service, and its names.'

param location string
param tags resourceTags
param name string
param networkName string

@description('The resource that the endpoint leads to.')
param targetId string

@description('The part of the resource: vault, blob, table, sites, azuremonitor.')
param groupId string

@description('The zones that the service’s names are in.')
param zones string[]

import { resourceTags } from '../types.bicep'

// The network’s subnet for endpoints.
resource network 'Microsoft.Network/virtualNetworks@2026-03-01' existing = {
  name: networkName

  // It is kept apart from the app’s.
  resource endpoints 'subnets' existing = { name: 'endpoints' }
}

// The zones, which the network made.
resource privateNames 'Microsoft.Network/privateDnsZones@2024-06-01' existing = [
  for zone in zones: {
    name: zone
  }
]

// An address of the service inside the network.
resource endpoint 'Microsoft.Network/privateEndpoints@2026-03-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: network::endpoints.id }
    privateLinkServiceConnections: [
      { name: name, properties: { privateLinkServiceId: targetId, groupIds: [groupId] } }
    ]
  }

  // Has the service's names written into the private zones, and kept up to date.
  resource names 'privateDnsZoneGroups' = {
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        for (zone, index) in zones: {
          name: replace(zone, '.', '-')
          properties: { privateDnsZoneId: privateNames[index].id }
        }
      ]
    }
  }
}
