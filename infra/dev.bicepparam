// A trial: on public addresses, without zones, with nothing kept running. Callers still need tokens, and people roles.
using 'main.bicep'

import { writtenSecretsOf, apiManagementSubscriptionsOf } from 'config.bicep'

var broker = loadJsonContent('config/dev.json')

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'dev')
param brokerTenantId = broker.broker.tenantId
param brokerClientId = broker.broker.audience
param writtenSecrets = writtenSecretsOf(broker.subscriptions)
param apiManagementSubscriptions = apiManagementSubscriptionsOf(broker.subscriptions)
param publicNetwork = true
param alwaysReady = []
param maximumInstanceCount = 2
param retentionDays = 30
// `azd` says who is deploying: a person who tries the broker uploads its configuration too.
param configAuthors = empty(readEnvironmentVariable('AZURE_PRINCIPAL_ID', ''))
  ? []
  : [{ objectId: readEnvironmentVariable('AZURE_PRINCIPAL_ID', ''), type: 'User' }]
