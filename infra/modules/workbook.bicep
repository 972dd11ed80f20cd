metadata description = 'The broker in pictures.'

param location string
param tags resourceTags
param suffix string
param workspaceName string

import { resourceTags } from '../types.bicep'

// Where the workbook’s queries are asked.
resource workspace 'Microsoft.OperationalInsights/workspaces@2026-03-01' existing = {
  name: workspaceName
}

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
    sourceId: workspace.id
    serializedData: replace(loadTextContent('../workbook.json'), '{workspace}', workspace.id)
  }
}
