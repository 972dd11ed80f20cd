metadata description = 'Who is told of what. `npm run infra:check` holds the queries to the log lines and metrics that the broker has.'

param location string
param tags resourceTags
param suffix string
param workspaceId string
param insightsName string
param appId string
param appHostName string
param vaultId string
param emails string[]
param failedRequestsLimit int
param publicNetwork bool

import { resourceTags } from '../types.bicep'

@description('An alert on what stands in the logs.')
type logAlert = {
  name: string
  @description('What it means and where to go on reading.')
  description: string
  @description('0 critical, 1 error, 2 warning, 3 informational.')
  severity: 0 | 1 | 2 | 3
  query: string
  @description('Fires where there are more lines than this within `minutes`; `LessThan` where there are fewer.')
  operator: 'GreaterThan' | 'LessThan'
  threshold: int
  minutes: 5 | 15 | 30 | 60 | 1440
  @description('One alert for each value of this column. Absent: one for all.')
  by: string?
}

var logAlerts logAlert[] = [
  {
    name: 'key-changed-outside'
    description: 'A key was regenerated behind the broker’s back: docs/runbooks/rotation-stuck.md.'
    severity: 0
    query: loadTextContent('../alerts/key-changed-outside.kql')
    operator: 'GreaterThan'
    threshold: 0
    minutes: 5
    by: 'subscription'
  }
  {
    name: 'audit-unwritten'
    description: 'The audit trail cannot be written: docs/audit.md.'
    severity: 0
    query: loadTextContent('../alerts/audit-unwritten.kql')
    operator: 'GreaterThan'
    threshold: 0
    minutes: 5
  }
  {
    name: 'timer-silent'
    description: 'The rotation timer has not run for a quarter of an hour: docs/runbooks/rotation-stuck.md.'
    severity: 1
    query: loadTextContent('../alerts/timer-silent.kql')
    operator: 'LessThan'
    threshold: 1
    minutes: 15
  }
  {
    name: 'rotation-failed'
    description: 'Steps of a rotation fail again and again: docs/runbooks/rotation-stuck.md.'
    severity: 1
    query: loadTextContent('../alerts/rotation-failed.kql')
    operator: 'GreaterThan'
    threshold: 3
    minutes: 15
    by: 'subscription'
  }
  {
    name: 'rotation-not-settled'
    description: 'A new key does not settle: docs/runbooks/rotation-stuck.md.'
    severity: 1
    query: loadTextContent('../alerts/rotation-not-settled.kql')
    operator: 'GreaterThan'
    threshold: 3
    minutes: 30
    by: 'subscription'
  }
  {
    name: 'rotation-blocked'
    description: 'Whoever issues the keys, or the vault, refuses: docs/runbooks/rotation-stuck.md.'
    severity: 2
    query: loadTextContent('../alerts/rotation-blocked.kql')
    operator: 'GreaterThan'
    threshold: 10
    minutes: 60
    by: 'subscription'
  }
  {
    name: 'rotation-overdue'
    description: 'A cycle should have started, and has not: docs/runbooks/rotation-stuck.md.'
    severity: 2
    query: loadTextContent('../alerts/rotation-overdue.kql')
    operator: 'GreaterThan'
    threshold: 0
    minutes: 15
    by: 'subscription'
  }
  {
    name: 'client-credential-expires'
    description: 'A client’s secret or certificate ends soon: docs/client-credentials.md.'
    severity: 2
    query: loadTextContent('../alerts/client-credential-expires.kql')
    operator: 'GreaterThan'
    threshold: 0
    minutes: 1440
    by: 'client'
  }
  {
    name: 'config-refused'
    description: 'The configuration is not taken: docs/config-reload.md.'
    severity: 1
    query: loadTextContent('../alerts/config-refused.kql')
    operator: 'GreaterThan'
    threshold: 0
    minutes: 15
  }
  {
    name: 'not-ready'
    description: 'Instances cannot serve: broker doctor --remote, docs/doctor.md.'
    severity: 1
    query: loadTextContent('../alerts/not-ready.kql')
    operator: 'GreaterThan'
    threshold: 2
    minutes: 15
  }
  {
    name: 'unexpected-error'
    description: 'The broker itself is wrong: the frames in the log say where.'
    severity: 1
    query: loadTextContent('../alerts/unexpected-error.kql')
    operator: 'GreaterThan'
    threshold: 0
    minutes: 15
  }
  {
    name: 'upstream-failing'
    description: 'Entra or Key Vault fail: docs/runbooks/entra-down.md, docs/runbooks/key-vault-down.md.'
    severity: 2
    query: loadTextContent('../alerts/upstream-failing.kql')
    operator: 'GreaterThan'
    threshold: 10
    minutes: 15
    by: 'kind'
  }
  {
    name: 'requests-failing'
    description: 'Callers do not get their headers: broker doctor --remote, docs/doctor.md.'
    severity: 1
    query: loadTextContent('../alerts/requests-failing.kql')
    operator: 'GreaterThan'
    threshold: failedRequestsLimit
    minutes: 15
  }
  {
    name: 'refusals'
    description: 'Many callers are refused: GET /v1/audit?caller=_unknown, docs/audit.md.'
    severity: 3
    query: loadTextContent('../alerts/refusals.kql')
    operator: 'GreaterThan'
    threshold: failedRequestsLimit * 5
    minutes: 15
  }
]

var action = { actionGroups: [people.id] }

// What the test from outside reports to.
resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

// Whoever is told.
resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-broker-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'broker'
    enabled: true
    emailReceivers: [for (email, index) in emails: { name: 'email-${index}', emailAddress: email, useCommonAlertSchema: true }]
  }
}

// One for each file of infra/alerts. They close by themselves when what they tell of is over.
resource logs 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for each in logAlerts: {
    name: 'alert-${each.name}-${suffix}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Token broker: ${each.name}'
      description: each.description
      severity: each.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: each.minutes == 1440 ? 'PT1H' : 'PT5M'
      windowSize: each.minutes == 1440 ? 'P1D' : each.minutes == 60 ? 'PT1H' : 'PT${each.minutes}M'
      autoMitigate: true
      // A new workspace has none of the tables yet. What the queries name is checked when the templates are.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: each.query
            timeAggregation: 'Count'
            operator: each.operator
            threshold: each.threshold
            dimensions: empty(each.?by ?? '') ? [] : [{ name: each.?by ?? '', operator: 'Include', values: ['*'] }]
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: action
    }
  }
]

// Server errors as the platform counts them: also those of a worker that does not get as far as a log line.
resource serverErrors 'Microsoft.Insights/metricAlerts@2026-01-01' = {
  name: 'alert-server-errors-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    description: 'The app answers 5xx: docs/doctor.md.'
    severity: 1
    enabled: true
    scopes: [appId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'server-errors'
          metricNamespace: 'Microsoft.Web/sites'
          metricName: 'Http5xx'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: failedRequestsLimit
        }
      ]
    }
    actions: [{ actionGroupId: people.id }]
  }
}

// The vault as the platform sees it: the broker rides out hours without it, and not for ever.
resource vaultDown 'Microsoft.Insights/metricAlerts@2026-01-01' = {
  name: 'alert-vault-down-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    description: 'The vault does not answer: docs/runbooks/key-vault-down.md.'
    severity: 2
    enabled: true
    scopes: [vaultId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'availability'
          metricNamespace: 'Microsoft.KeyVault/vaults'
          metricName: 'Availability'
          timeAggregation: 'Average'
          operator: 'LessThan'
          threshold: 90
        }
      ]
    }
    actions: [{ actionGroupId: people.id }]
  }
}

// Asks from outside whether the broker can serve. Nobody outside reaches a private one: there the peers’ own probes do, and the alert not-ready sees them.
resource readiness 'Microsoft.Insights/webtests@2022-06-15' = if (publicNetwork) {
  name: 'test-readiness-${suffix}'
  location: location
  tags: union(tags, { 'hidden-link:${insights.id}': 'Resource' })
  kind: 'standard'
  properties: {
    SyntheticMonitorId: 'test-readiness-${suffix}'
    Name: 'Token broker: readyz'
    Kind: 'standard'
    Enabled: true
    Frequency: 300
    Timeout: 30
    RetryEnabled: true
    Locations: [{ Id: 'emea-nl-ams-azr' }, { Id: 'emea-se-sto-edge' }, { Id: 'emea-gb-db3-azr' }]
    Request: { RequestUrl: 'https://${appHostName}/readyz', HttpVerb: 'GET', ParseDependentRequests: false }
    ValidationRules: { ExpectedHttpStatusCode: 200, SSLCheck: true, SSLCertRemainingLifetimeCheck: 7 }
  }
}

// Two of three places find it not ready.
resource notReadyFromOutside 'Microsoft.Insights/metricAlerts@2026-01-01' = if (publicNetwork) {
  name: 'alert-readiness-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    description: 'The broker is not ready, as seen from outside: docs/doctor.md.'
    severity: 1
    enabled: true
    scopes: [readiness.id, insights.id]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: readiness.id
      componentId: insights.id
      failedLocationCount: 2
    }
    actions: [{ actionGroupId: people.id }]
  }
}
