metadata description = 'The storage account: the app’s package, the host’s own blobs, the configuration, rotation records and the audit trail.'

param location string
param tags resourceTags
param name string
param zoneRedundant bool
param publicNetwork bool
param workspaceId string
param identityName string

@description('The identity’s object id.')
param identityPrincipalId string

@description('Whoever may write the configuration.')
param configAuthors principal[]

@description('How many days a version of the configuration is kept that another has replaced.')
param configVersionDays int

import { resourceTags, principal } from '../types.bicep'

var blobContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var blobReader = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
var tableContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'

// Holds all that the broker keeps but secrets. No keys: whoever asks has a role.
resource account 'Microsoft.Storage/storageAccounts@2026-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS' }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: publicNetwork ? 'Enabled' : 'Disabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: publicNetwork ? 'Allow' : 'Deny'
    }
  }
}

// Versions and soft delete: a configuration that was overwritten or deleted can be had back.
resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2026-06-01' = {
  parent: account
  name: 'default'
  properties: {
    isVersioningEnabled: true
    deleteRetentionPolicy: { enabled: true, days: 30 }
    containerDeleteRetentionPolicy: { enabled: true, days: 30 }
  }
}

// What versioning keeps would otherwise be kept for good, packages and the host’s leases included.
resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2026-06-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'drop-replaced-versions'
          type: 'Lifecycle'
          enabled: true
          definition: {
            filters: { blobTypes: ['blockBlob'] }
            actions: { version: { delete: { daysAfterCreationGreaterThan: configVersionDays } } }
          }
        }
      ]
    }
  }
  dependsOn: [blobs]
}

// The app’s zip, which the platform starts new instances from.
resource packages 'Microsoft.Storage/storageAccounts/blobServices/containers@2026-06-01' = {
  parent: blobs
  name: 'packages'
}

// The configuration, which instances read again every half minute.
resource config 'Microsoft.Storage/storageAccounts/blobServices/containers@2026-06-01' = {
  parent: blobs
  name: 'config'
}

// The Functions host’s leases and the timer’s status. Made here, so that the host needs no right to make containers of other names.
resource hosts 'Microsoft.Storage/storageAccounts/blobServices/containers@2026-06-01' = {
  parent: blobs
  name: 'azure-webjobs-hosts'
}

// The Functions host’s own keys, which the broker takes from nobody: every route of its own is authenticated by the broker.
resource hostSecrets 'Microsoft.Storage/storageAccounts/blobServices/containers@2026-06-01' = {
  parent: blobs
  name: 'azure-webjobs-secrets'
}

// The table service: diagnostics are set on it.
resource tables 'Microsoft.Storage/storageAccounts/tableServices@2026-06-01' = {
  parent: account
  name: 'default'
}

// Rotation records, their history, and receipts of steering. The audit trail’s tables are made by the broker, one for each month.
resource rotation 'Microsoft.Storage/storageAccounts/tableServices/tables@2026-06-01' = {
  parent: tables
  name: 'rotation'
}

// Adds audit records and reads them, in tables that it makes; changes and deletes none. No built-in role says less than all.
resource auditWriter 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(account.id, 'token-broker-audit-writer')
  properties: {
    roleName: 'Token broker audit writer (${name})'
    description: 'Makes tables; inserts and reads entities; changes and deletes none.'
    type: 'CustomRole'
    assignableScopes: [resourceGroup().id]
    permissions: [
      {
        actions: ['Microsoft.Storage/storageAccounts/tableServices/tables/write']
        dataActions: [
          'Microsoft.Storage/storageAccounts/tableServices/tables/entities/add/action'
          'Microsoft.Storage/storageAccounts/tableServices/tables/entities/read'
        ]
      }
    ]
  }
}

// The audit trail: a month’s table does not exist before its first record, so the scope is the account.
resource writesAudit 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, identityName, 'token-broker-audit-writer')
  scope: account
  properties: {
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: auditWriter.id
  }
}

// Rotation records are written and read.
resource writesRotation 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(rotation.id, identityName, tableContributor)
  scope: rotation
  properties: {
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tableContributor)
  }
}

// The configuration is read, and not written: what the broker may do is not the broker’s to say.
resource readsConfig 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(config.id, identityName, blobReader)
  scope: config
  properties: {
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobReader)
  }
}

// The platform puts and gets the app’s package as the app’s identity.
resource writesPackages 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(packages.id, identityName, blobContributor)
  scope: packages
  properties: {
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobContributor)
  }
}

// The host takes leases, so that the timer fires once.
resource writesHosts 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(hosts.id, identityName, blobContributor)
  scope: hosts
  properties: {
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobContributor)
  }
}

// The host makes its keys when it first starts.
resource writesHostSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(hostSecrets.id, identityName, blobContributor)
  scope: hostSecrets
  properties: {
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobContributor)
  }
}

// People and pipelines that upload the configuration; nobody else writes it.
resource writesConfig 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for author in configAuthors: {
    name: guid(config.id, author.objectId, blobContributor)
    scope: config
    properties: {
      principalId: author.objectId
      principalType: author.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobContributor)
    }
  }
]

// Who read and wrote the configuration and the packages.
#disable-next-line use-recent-api-versions // The only version with category groups; 2016-09-01, which counts as newer for being stable, has none.
resource blobLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: blobs
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'Transaction', enabled: true }]
  }
}

// Who read and wrote rotation records and the audit trail: nobody but the broker and its auditors should.
#disable-next-line use-recent-api-versions // As above.
resource tableLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: tables
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'Transaction', enabled: true }]
  }
}

output id string = account.id
