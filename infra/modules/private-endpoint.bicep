metadata description = 'A private endpoint of one service, and its names.'

param location string
param tags resourceTags
param name string
param subnetId string

@description('The resource that the endpoint leads to.')
param targetId string

@description('The part of the resource: vault, blob, table, sites, azuremonitor.')
param groupId string

param zoneIds string[]

import { resourceTags } from '../types.bicep'

// An address of the service inside the network.
resource endpoint 'Microsoft.Network/privateEndpoints@2026-03-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [
      { name: name, properties: { privateLinkServiceId: targetId, groupIds: [groupId] } }
    ]
  }

  // Has the service's names written into the private zones, and kept up to date.
  resource names 'privateDnsZoneGroups' = {
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        for zoneId in zoneIds: {
          name: replace(last(split(zoneId, '/')), '.', '-')
          #disable-next-line use-resource-id-functions // An item of a parameter, which the rule takes for neither.
          properties: { privateDnsZoneId: zoneId }
        }
      ]
    }
  }
}
