@export()
@description('Tags, on every resource that takes them.')
type resourceTags = { *: string }

@export()
@description('Whoever may write the configuration: a person, a group, or a pipeline’s own identity.')
type principal = {
  @description('The object id.')
  objectId: string
  type: 'User' | 'Group' | 'ServicePrincipal'
}

@export()
@description('Instances that are kept running: of all HTTP functions together (`http`), or of one (`function:<name>`).')
type alwaysReadyInstances = {
  name: string
  instanceCount: int
}

@export()
@description('A subscription of an API Management service that the broker rotates, taken apart.')
type apiManagementSubscription = {
  subscriptionId: string
  resourceGroup: string
  service: string
  @description('Empty where the subscription is of the service itself.')
  workspace: string
  name: string
}

@export()
@description('The private zones, by what their names lead to.')
type privateZones = {
  vault: string
  blob: string
  table: string
  sites: string
  @description('Of Azure Monitor there are four, and the blobs’.')
  monitor: string
  monitorQueries: string
  monitorIngestion: string
  monitorAgents: string
}
