metadata description = 'The broker in pictures.'

param location string
param tags resourceTags
param suffix string
param workspaceId string

import { resourceTags } from '../types.bicep'

// What the alerts watch, over time: for whoever is woken by one.
resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  // A workbook’s name is a GUID.
  name: guid(resourceGroup().id, suffix, 'token-broker')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Token broker'
    category: 'workbook'
    sourceId: workspaceId
    serializedData: replace(loadTextContent('../workbook.json'), '{workspace}', workspaceId)
  }
}
