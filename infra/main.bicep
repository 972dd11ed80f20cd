metadata description = 'A token broker in an empty resource group: the app, its vault, its storage, its network, its logs and who is told.'

targetScope = 'resourceGroup'

import {
  resourceTags
  principal
  alwaysReadyInstances
  apiManagementSubscription
  privateZones
} from 'types.bicep'

@description('The environment’s name, such as dev or prod. It stands in the tags, and makes names unique.')
@minLength(1)
@maxLength(32)
param environmentName string

@description('Where everything is. Default: where the resource group is.')
param location string = resourceGroup().location

@description('Further tags, such as a cost centre.')
param tags resourceTags = {}

@description('The tenant of callers and operators: `broker.tenantId` of the configuration.')
param brokerTenantId string

@description('The application (client) id of the broker’s registration: `broker.audience` of the configuration.')
param brokerClientId string

@description('The secrets that rotation writes, as `config.bicep` reads them from the configuration.')
param writtenSecrets string[] = []

@description('The subscriptions whose keys are regenerated through Azure Resource Manager, as `config.bicep` reads them from the configuration.')
param apiManagementSubscriptions apiManagementSubscription[] = []

@description('For trials: everything answers on public addresses, to whoever has a role or a token, and there is no network to pay for.')
param publicNetwork bool = false

@description('The network’s addresses, a /24 or larger.')
param addressSpace string = '10.90.0.0/24'

@description('Instances and storage in several zones of the region. The region must have zones; it cannot be changed later for storage.')
param zoneRedundant bool = false

@description('Instances that are kept running. Default: one, for HTTP, so that no caller waits for a cold start.')
param alwaysReady alwaysReadyInstances[] = [{ name: 'http', instanceCount: 1 }]

@description('How many instances there may be at most.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Memory of an instance, in MB.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('How many requests an instance serves at a time before another is started.')
@minValue(1)
@maxValue(1000)
param httpConcurrency int = 100

@description('When the rotation timer fires: six NCRONTAB fields, seconds first. At least every five minutes, for the metrics to be shown.')
param rotationSchedule string = '0 * * * * *'

@description('How many days logs are kept.')
@minValue(30)
@maxValue(730)
param retentionDays int = 90

@description('How many days a replaced configuration is kept.')
@minValue(1)
param configVersionDays int = 365

@description('Whoever may upload the configuration.')
param configAuthors principal[] = []

@description('Who is told of alerts, by e-mail.')
param alertEmails string[] = []

@description('How many failed requests in a quarter of an hour are too many. Of refusals it takes five times as many.')
@minValue(1)
param failedRequestsLimit int = 20

var suffix = uniqueString(resourceGroup().id, environmentName)
var allTags = union({ 'azd-env-name': environmentName, application: 'token-broker' }, tags)
var identityName = 'id-broker-${suffix}'
var storageName = 'stbroker${suffix}'
var vaultName = 'kv-broker-${suffix}'
var networkName = 'vnet-broker-${suffix}'
var workspaceName = 'log-broker-${suffix}'
var insightsName = 'appi-broker-${suffix}'
var appName = 'func-broker-${suffix}'

var zones privateZones = {
  vault: 'privatelink${replace(environment().suffixes.keyvaultDns, '.vault.', '.vaultcore.')}'
  blob: 'privatelink.blob.${environment().suffixes.storage}'
  table: 'privatelink.table.${environment().suffixes.storage}'
  sites: 'privatelink.azurewebsites.net'
  monitor: 'privatelink.monitor.azure.com'
  monitorQueries: 'privatelink.oms.opinsights.azure.com'
  monitorIngestion: 'privatelink.ods.opinsights.azure.com'
  monitorAgents: 'privatelink.agentsvc.azure-automation.net'
}

// Whom the app acts as. Not the app’s own (system-assigned): it has its rights before the app starts, keeps them when the app is made anew, and registrations can trust it.
resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: identityName
  location: location
  tags: allTags
}

// The private network; none in a trial.
module network 'modules/network.bicep' = if (!publicNetwork) {
  params: {
    location: location
    tags: allTags
    name: networkName
    suffix: suffix
    addressSpace: addressSpace
    zones: zones
  }
}

// Logs come first: everything else is to be seen in them.
module monitoring 'modules/monitoring.bicep' = {
  params: {
    location: location
    tags: allTags
    suffix: suffix
    workspaceName: workspaceName
    insightsName: insightsName
    publicNetwork: publicNetwork
    retentionDays: retentionDays
    identityName: identity.name
    identityPrincipalId: identity.properties.principalId
  }
}

// Secrets.
module vault 'modules/key-vault.bicep' = {
  params: {
    location: location
    tags: allTags
    name: vaultName
    publicNetwork: publicNetwork
    workspaceId: monitoring.outputs.workspaceId
    identityName: identity.name
    identityPrincipalId: identity.properties.principalId
    writtenSecrets: writtenSecrets
  }
}

// Package, configuration, rotation records, audit trail.
module storage 'modules/storage.bicep' = {
  params: {
    location: location
    tags: allTags
    name: storageName
    zoneRedundant: zoneRedundant
    publicNetwork: publicNetwork
    workspaceId: monitoring.outputs.workspaceId
    identityName: identity.name
    identityPrincipalId: identity.properties.principalId
    configAuthors: configAuthors
    configVersionDays: configVersionDays
  }
}

// The app, last of what it depends on: it starts once its storage and its rights are there.
module app 'modules/function-app.bicep' = {
  params: {
    location: location
    tags: allTags
    name: appName
    suffix: suffix
    identityName: identity.name
    storageName: storageName
    vaultName: vaultName
    insightsName: insightsName
    workspaceId: monitoring.outputs.workspaceId
    publicNetwork: publicNetwork
    zoneRedundant: zoneRedundant
    subnetId: network.?outputs.appSubnetId
    brokerClientId: brokerClientId
    brokerTenantId: brokerTenantId
    rotationSchedule: rotationSchedule
    alwaysReady: alwaysReady
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
    httpConcurrency: httpConcurrency
  }
  dependsOn: [storage, vault, vaultEndpoint, blobEndpoint, tableEndpoint, monitorEndpoint]
}

// The vault, from inside the network.
module vaultEndpoint 'modules/private-endpoint.bicep' = if (!publicNetwork) {
  params: {
    location: location
    tags: allTags
    name: 'pe-vault-${suffix}'
    networkName: networkName
    targetId: vault.outputs.id
    groupId: 'vault'
    zones: [zones.vault]
  }
  dependsOn: [network]
}

// Package, configuration and the host’s leases, from inside the network.
module blobEndpoint 'modules/private-endpoint.bicep' = if (!publicNetwork) {
  params: {
    location: location
    tags: allTags
    name: 'pe-blob-${suffix}'
    networkName: networkName
    targetId: storage.outputs.id
    groupId: 'blob'
    zones: [zones.blob]
  }
  dependsOn: [network]
}

// Rotation records and the audit trail, from inside the network.
module tableEndpoint 'modules/private-endpoint.bicep' = if (!publicNetwork) {
  params: {
    location: location
    tags: allTags
    name: 'pe-table-${suffix}'
    networkName: networkName
    targetId: storage.outputs.id
    groupId: 'table'
    zones: [zones.table]
  }
  dependsOn: [network]
}

// Azure Monitor, from inside the network.
module monitorEndpoint 'modules/private-endpoint.bicep' = if (!publicNetwork) {
  params: {
    location: location
    tags: allTags
    name: 'pe-monitor-${suffix}'
    networkName: networkName
    targetId: monitoring.outputs.linkId
    groupId: 'azuremonitor'
    zones: [zones.monitor, zones.monitorQueries, zones.monitorIngestion, zones.monitorAgents, zones.blob]
  }
  dependsOn: [network]
}

// The broker itself: callers, operators and whoever deploys come in here, from this network or one that is peered with it.
module appEndpoint 'modules/private-endpoint.bicep' = if (!publicNetwork) {
  params: {
    location: location
    tags: allTags
    name: 'pe-app-${suffix}'
    networkName: networkName
    targetId: app.outputs.id
    groupId: 'sites'
    zones: [zones.sites]
  }
}

// The right to rotate keys: for each subscription alone, in whichever resource group its service is.
module keyRotation 'modules/apim-access.bicep' = [
  for each in apiManagementSubscriptions: {
    scope: resourceGroup(each.subscriptionId, each.resourceGroup)
    name: 'keys-${uniqueString(each.service, each.workspace, each.name, suffix)}'
    params: {
      service: each.service
      workspace: each.workspace
      name: each.name
      identityId: identity.id
      identityPrincipalId: identity.properties.principalId
    }
  }
]

// Who is told of what.
module alerts 'modules/alerts.bicep' = {
  params: {
    location: location
    tags: allTags
    suffix: suffix
    workspaceId: monitoring.outputs.workspaceId
    insightsName: insightsName
    appId: app.outputs.id
    appHostName: app.outputs.hostName
    vaultId: vault.outputs.id
    emails: alertEmails
    failedRequestsLimit: failedRequestsLimit
    publicNetwork: publicNetwork
  }
}

// The same, as a picture.
module workbook 'modules/workbook.bicep' = {
  params: { location: location, tags: allTags, suffix: suffix, workspaceName: workspaceName }
  dependsOn: [monitoring]
}

@description('Where callers find the broker.')
output BROKER_URL string = 'https://${app.outputs.hostName}'

@description('The app, as `azd deploy` and the runbooks name it.')
output FUNCTION_APP string = appName

@description('The vault, as the runbooks name it.')
output VAULT string = vaultName

@description('The storage account, as the runbooks name it.')
output STORAGE_ACCOUNT string = storageName

@description('The resource group, as the runbooks name it.')
output RESOURCE_GROUP string = resourceGroup().name

@description('The identity’s object id, which the broker’s registration trusts (`npm run entra`) and other tenants’ registrations may.')
output IDENTITY_OBJECT_ID string = identity.properties.principalId
