metadata description = 'What the broker may do with one subscription of an API Management service: look at it, list its keys, regenerate them.'

param service string
param workspace string
param name string
param identityId string

@description('The identity’s object id.')
param identityPrincipalId string

// The service that the subscription is of. It is somebody else’s, and not changed.
resource management 'Microsoft.ApiManagement/service@2024-05-01' existing = {
  name: service

  // The subscription, of the service itself.
  resource subscription 'subscriptions' existing = if (empty(workspace)) {
    name: name
  }

  // The workspace that the subscription is of, where it is of one.
  resource space 'workspaces' existing = if (!empty(workspace)) {
    name: empty(workspace) ? 'none' : workspace

    // The subscription, of the workspace.
    resource subscription 'subscriptions' existing = {
      name: name
    }
  }
}

// Nothing but what rotation does. Each built-in role that can regenerate a key can change the service as well.
resource keyRotator 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, service, workspace, name, identityId, 'token-broker-key-rotator')
  properties: {
    roleName: 'Token broker key rotator (${uniqueString(resourceGroup().id, service, workspace, name, identityId)})'
    description: 'Reads one API Management subscription, lists its keys and regenerates them.'
    type: 'CustomRole'
    assignableScopes: [resourceGroup().id]
    permissions: [
      {
        actions: empty(workspace)
          ? [
              'Microsoft.ApiManagement/service/subscriptions/read'
              'Microsoft.ApiManagement/service/subscriptions/listSecrets/action'
              'Microsoft.ApiManagement/service/subscriptions/regeneratePrimaryKey/action'
              'Microsoft.ApiManagement/service/subscriptions/regenerateSecondaryKey/action'
            ]
          : [
              'Microsoft.ApiManagement/service/workspaces/subscriptions/read'
              'Microsoft.ApiManagement/service/workspaces/subscriptions/listSecrets/action'
              'Microsoft.ApiManagement/service/workspaces/subscriptions/regeneratePrimaryKey/action'
              'Microsoft.ApiManagement/service/workspaces/subscriptions/regenerateSecondaryKey/action'
            ]
      }
    ]
  }
}

// For this one subscription.
resource rotatesKeys 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (empty(workspace)) {
  name: guid(management::subscription.id, identityId, 'token-broker-key-rotator')
  scope: management::subscription
  properties: {
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: keyRotator.id
  }
}

// For this one subscription of a workspace.
resource rotatesWorkspaceKeys 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(workspace)) {
  name: guid(management::space::subscription.id, identityId, 'token-broker-key-rotator')
  scope: management::space::subscription
  properties: {
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: keyRotator.id
  }
}
