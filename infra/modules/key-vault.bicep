metadata description = 'The vault that holds client secrets and subscription keys, and who may do what with them.'

param location string
param tags resourceTags
param name string
param publicNetwork bool
param workspaceId string
param identityName string

@description('The identity’s object id.')
param identityPrincipalId string

@description('The secrets that rotation writes: of each subscription that is rotated the active key’s and the alternate’s. They need not exist yet.')
param writtenSecrets string[]

import { resourceTags } from '../types.bicep'

var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

// Holds every secret of the broker’s. What was deleted can be had back for 90 days, and nobody can purge it before.
resource vault 'Microsoft.KeyVault/vaults@2026-05-15' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    enabledForDeployment: false
    enabledForDiskEncryption: false
    enabledForTemplateDeployment: false
    publicNetworkAccess: publicNetwork ? 'Enabled' : 'Disabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: publicNetwork ? 'Allow' : 'Deny'
    }
  }
}

// Reads secrets: client secrets, the keys that are handed out, the key of the fingerprints.
resource readsSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, identityName, secretsUser)
  scope: vault
  properties: {
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
  }
}

// Publishes a key and tags it. The built-in Key Vault Secrets Officer could delete and purge as well.
resource keyPublisher 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(vault.id, 'token-broker-key-publisher')
  properties: {
    roleName: 'Token broker key publisher (${name})'
    description: 'Adds a version to a secret and changes its tags; deletes, purges and backs up nothing.'
    type: 'CustomRole'
    assignableScopes: [resourceGroup().id]
    permissions: [
      {
        dataActions: [
          'Microsoft.KeyVault/vaults/secrets/setSecret/action'
          'Microsoft.KeyVault/vaults/secrets/update/action'
        ]
      }
    ]
  }
}

// The secrets that rotation writes. They are referred to, and never made here: a template that makes a secret overwrites it.
resource secrets 'Microsoft.KeyVault/vaults/secrets@2026-05-15' existing = [
  for secret in writtenSecrets: {
    parent: vault
    name: secret
  }
]

// Writes those secrets, and no other: not a client secret, and not the keys of a subscription that is not rotated.
resource writesSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (secret, index) in writtenSecrets: {
    name: guid(vault.id, secret, identityName, 'token-broker-key-publisher')
    scope: secrets[index]
    properties: {
      principalId: identityPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: keyPublisher.id
    }
  }
]

// Who read and wrote which secret, and who was refused.
#disable-next-line use-recent-api-versions // The only version with category groups; 2016-09-01, which counts as newer for being stable, has none.
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: vault
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output id string = vault.id
