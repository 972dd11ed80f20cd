metadata description = 'The Functions app on Flex Consumption, its settings, and who signs people in to its dashboard.'

param location string
param tags resourceTags
param name string
param suffix string
param identityName string
param storageName string
param vaultName string
param insightsName string
param workspaceId string
param publicNetwork bool
param zoneRedundant bool

@description('The subnet that the app calls out from; absent in a public network.')
param subnetId string?

@description('The application (client) id of the broker’s registration: `broker.audience` of the configuration.')
param brokerClientId string

@description('The tenant of the registration, and of the people who sign in: `broker.tenantId` of the configuration.')
param brokerTenantId string

@description('When the rotation timer fires: six NCRONTAB fields, seconds first.')
param rotationSchedule string

param alwaysReady alwaysReadyInstances[]
param maximumInstanceCount int
param instanceMemoryMB int
param httpConcurrency int

import { resourceTags, alwaysReadyInstances } from '../types.bicep'

var storageHost = environment().suffixes.storage

// The identity that the app acts as, everywhere.
resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

// Names where telemetry goes.
resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

// Flex Consumption: in a network of its own, scaled to nothing or kept ready, paid for by use.
resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: 'plan-broker-${suffix}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { tier: 'FlexConsumption', name: 'FC1' }
  properties: { reserved: true, zoneRedundant: zoneRedundant }
}

// The broker.
resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'broker' })
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identity.id}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    publicNetworkAccess: publicNetwork ? 'Enabled' : 'Disabled'
    virtualNetworkSubnetId: subnetId
    functionAppConfig: {
      runtime: { name: 'node', version: '24' }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: 'https://${storageName}.blob.${storageHost}/packages'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identity.id }
        }
      }
      scaleAndConcurrency: {
        alwaysReady: alwaysReady
        maximumInstanceCount: maximumInstanceCount
        instanceMemoryMB: instanceMemoryMB
        triggers: { http: { perInstanceConcurrency: httpConcurrency } }
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
      remoteDebuggingEnabled: false
    }
  }

  // What `shared/config/settings.ts` reads, and what the host needs. The plan gives the rest: the runtime stands in functionAppConfig.
  resource settings 'config' = {
    name: 'appsettings'
    properties: {
      KEY_VAULT_URL: 'https://${vaultName}${environment().suffixes.keyvaultDns}'
      BROKER_CONFIG: 'https://${storageName}.blob.${storageHost}/config/broker.config.json'
      TABLE_SERVICE_URL: 'https://${storageName}.table.${storageHost}'
      ROTATION_SCHEDULE: rotationSchedule
      AZURE_CLIENT_ID: identity.properties.clientId
      AZURE_AUTHORITY_HOST: environment().authentication.loginEndpoint
      AZURE_RESOURCE_MANAGER_URL: environment().resourceManager
      // The host’s storage, by identity. Blobs alone: there are no queues, and the host’s diagnostic events in tables would need a right to all of them.
      AzureWebJobsStorage__blobServiceUri: 'https://${storageName}.blob.${storageHost}'
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identity.properties.clientId
      APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
      // 5 MiB: a call may have 4. Bodies are read before anybody is asked for a token, and twenty of the host’s own limit, 100 MB, are all of an instance’s memory.
      FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '5242880'
      // Signing people in: the identity vouches for the registration, in place of a client secret.
      OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID: identity.properties.clientId
    }
  }

  // Signs people in to the dashboard. Requests that are not signed in go through: callers bring tokens of their own, and the broker decides.
  resource authentication 'config' = {
    name: 'authsettingsV2'
    properties: {
      platform: { enabled: true, runtimeVersion: '~1' }
      globalValidation: { requireAuthentication: false, unauthenticatedClientAction: 'AllowAnonymous' }
      httpSettings: { requireHttps: true }
      login: { tokenStore: { enabled: false } }
      identityProviders: {
        azureActiveDirectory: {
          enabled: true
          registration: {
            clientId: brokerClientId
            clientSecretSettingName: 'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID'
            openIdIssuer: '${environment().authentication.loginEndpoint}${brokerTenantId}/v2.0'
          }
          validation: { allowedAudiences: [brokerClientId, 'api://${brokerClientId}'] }
        }
      }
    }
    // One after the other: each change restarts the app.
    dependsOn: [settings]
  }

  // No user name and password for FTP.
  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  // Nor for deploying: that takes a role.
  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

// What the platform says of the app: authentication, the host’s own log, metrics.
#disable-next-line use-recent-api-versions // The only version with category groups; 2016-09-01, which counts as newer for being stable, has none.
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: app
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output id string = app.id
output hostName string = app.properties.defaultHostName
