metadata description = 'What the templates take from the broker’s own configuration, so that nobody writes it twice.'

import { apiManagementSubscription } from 'types.bicep'

@description('`subscriptions` of the configuration, as far as it is read here. The broker’s own schema says what it is.')
type subscriptionsByName = {
  *: {
    secret: string?
    authority: { kind: string, resourceId: string?, *: string }?
    rotation: { every: string, windows: string[]?, paused: bool?, *: string }?
    probe: { url: string, gateways: string[] }?
  }
}

@export()
@description('The secrets that rotation writes: of each subscription with `rotation` its own and the alternate’s.')
func writtenSecretsOf(subscriptions subscriptionsByName) string[] =>
  flatten(map(
    filter(items(subscriptions), each => contains(each.value, 'rotation')),
    each => [each.value.?secret ?? each.key, '${each.value.?secret ?? each.key}-alternate']
  ))

@export()
@description('The subscriptions whose keys the broker regenerates through Azure Resource Manager.')
func apiManagementSubscriptionsOf(subscriptions subscriptionsByName) apiManagementSubscription[] =>
  map(
    filter(items(subscriptions), each => (each.value.?authority.?kind ?? '') == 'arm'),
    each => partsOf(split(each.value.?authority.?resourceId ?? '', '/'))
  )

@description('/subscriptions/…/resourceGroups/…/providers/Microsoft.ApiManagement/service/…[/workspaces/…]/subscriptions/…')
func partsOf(path string[]) apiManagementSubscription => {
  subscriptionId: path[2]
  resourceGroup: path[4]
  service: path[8]
  workspace: length(path) > 11 ? path[10] : ''
  name: path[length(path) - 1]
}
