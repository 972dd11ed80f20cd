// In a private network and several zones, with two instances that are kept running.
using 'main.bicep'

import { writtenSecretsOf, apiManagementSubscriptionsOf } from 'config.bicep'

var broker = loadJsonContent('config/prod.json')

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'prod')
param brokerTenantId = broker.broker.tenantId
param brokerClientId = broker.broker.audience
param writtenSecrets = writtenSecretsOf(broker.subscriptions)
param apiManagementSubscriptions = apiManagementSubscriptionsOf(broker.subscriptions)
param zoneRedundant = true
param alwaysReady = [{ name: 'http', instanceCount: 2 }, { name: 'function:rotation-timer', instanceCount: 1 }]
param retentionDays = 365
param tags = { criticality: 'high' }
// Put here who uploads the configuration, such as the pipeline’s identity, and who is told of alerts.
param configAuthors = []
param alertEmails = ['platform-team@example.com']
