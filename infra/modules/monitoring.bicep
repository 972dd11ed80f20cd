metadata description = 'Where logs, traces and metrics go.'

param location string
param tags resourceTags
param suffix string
param workspaceName string
param insightsName string
param publicNetwork bool
param retentionDays int
param identityName string

@description('The identity’s object id.')
param identityPrincipalId string

import { resourceTags } from '../types.bicep'

var metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

// Keeps the logs: the audit trail too, where the configuration’s sink is the log. No keys: whoever reads or writes has a role.
resource workspace 'Microsoft.OperationalInsights/workspaces@2026-03-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    features: { disableLocalAuth: true, enableLogAccessUsingOnlyResourcePermissions: true }
    publicNetworkAccessForIngestion: publicNetwork ? 'Enabled' : 'Disabled'
    // People read logs in the portal, with their roles. To close this as well, they need a way into the network.
    publicNetworkAccessForQuery: 'Enabled'
  }
}

// What the Functions host exports to. The connection string names it and opens nothing: local authentication is off.
resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: insightsName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
    // No audit line may be sampled away.
    SamplingPercentage: 100
    publicNetworkAccessForIngestion: publicNetwork ? 'Enabled' : 'Disabled'
    publicNetworkAccessForQuery: 'Enabled'
  }
}

// The host sends telemetry as the app’s identity.
resource sendsTelemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, identityName, metricsPublisher)
  scope: insights
  properties: {
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', metricsPublisher)
  }
}

// The one private link to Azure Monitor: what is sent stays in the network.
resource link 'Microsoft.Insights/privateLinkScopes@2021-09-01' = if (!publicNetwork) {
  name: 'ampls-broker-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    // Open, so that the network’s other workspaces go on being reached; the two below are closed by themselves.
    accessModeSettings: { ingestionAccessMode: 'Open', queryAccessMode: 'Open' }
  }

  // Application Insights is reached through the link.
  resource insightsLink 'scopedResources' = {
    name: 'insights'
    properties: { linkedResourceId: insights.id }
  }

  // And so is the workspace behind it.
  resource workspaceLink 'scopedResources' = {
    name: 'workspace'
    properties: { linkedResourceId: workspace.id }
    dependsOn: [insightsLink]
  }
}

// Who asked the workspace what.
#disable-next-line use-recent-api-versions // The only version with category groups; 2016-09-01, which counts as newer for being stable, has none.
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: workspace
  properties: {
    workspaceId: workspace.id
    logs: [{ categoryGroup: 'audit', enabled: true }]
  }
}

output workspaceId string = workspace.id
output linkId string = publicNetwork ? '' : link.id
