import type { Resource } from '../evaluated.ts';
import { isMembers, listAt } from '../members.ts';
import { first, named, put, remove, rows, setting, types, type Change, type Mutation } from '../mutation.ts';

const inFirstQuery =
  (of: (resource: Resource) => boolean, from: string | RegExp, to: string): Change =>
  (copy) => {
    const [criterion] = listAt(first(copy, types.logAlert, of).properties, 'criteria.allOf');
    if (!isMembers(criterion) || typeof criterion['query'] !== 'string') throw new Error('The alert has no query.');
    const changed = criterion['query'].replace(from, to);
    if (changed === criterion['query']) throw new Error(`The query has no ${String(from)}.`);
    criterion['query'] = changed;
  };

const inWorkbook =
  (from: string, to: string): Change =>
  (copy) => {
    const { properties } = first(copy, 'Microsoft.Insights/workbooks');
    const text = String(properties['serializedData']);
    if (!text.includes(from)) throw new Error(`The workbook has no ${from}.`);
    properties['serializedData'] = text.replace(from, to);
  };

export const telemetryMutations: readonly Mutation[] = [
  ...rows('every query names events, fields, metrics and attributes that the broker has', {
    'an event is misspelt': inFirstQuery(named('alert-rotation-failed'), "'rotation-failed'", "'rotation-failure'"),
    'a field is not there': inFirstQuery(named('alert-rotation-failed'), 'line.reason', 'line.because'),
    'a reason is not there': inFirstQuery(named('alert-rotation-not-settled'), 'new-key-refused', 'new-key-rejected'),
    'a metric is not there': inFirstQuery(
      named('alert-rotation-overdue'),
      'token_broker.rotation.overdue',
      'token_broker.rotation.late',
    ),
    'an attribute is not there': inFirstQuery(
      named('alert-rotation-overdue'),
      "'token_broker.subscription'",
      "'token_broker.caller'",
    ),
    'a table is not there': inFirstQuery(named('alert-refusals'), 'AppRequests', 'AppRequest'),
    'an event is looked for whatever its case': inFirstQuery(
      named('alert-rotation-failed'),
      "== 'rotation-failed'",
      "=~ 'rotation-failure' or tostring(line.event) == 'rotation-failed'",
    ),
    'a column is not there': inFirstQuery(named('alert-refusals'), 'and ResultCode', 'and StatusCode'),
    'a column is another table’s': inFirstQuery(named('alert-requests-failing'), 'Url contains', 'Message contains'),
    'a metric is looked for by a part of its name': inFirstQuery(
      named('alert-rotation-overdue'),
      'Name ==',
      'Name has',
    ),
    'no event is named': inFirstQuery(named('alert-unexpected-error'), /\| where tostring.*\n/, ''),
    'the workbook’s event is not there': inWorkbook("'config-taken'", "'config-loaded'"),
    'the workbook’s metric is not there': inWorkbook('token_broker.hand_outs', 'token_broker.handouts'),
  }),
  ...rows('every metric alert is on a metric that the platform has', {
    'it is misspelt': (copy) =>
      put(listAt(first(copy, types.metricAlert).properties, 'criteria.allOf')[0], 'metricName', 'Http500'),
  }),
  ...rows('an alert is split by a column that its query ends with', {
    'it is not one': inFirstQuery(named('alert-client-credential-expires'), 'client = ', 'who = '),
  }),
  ...rows('somebody is told of everything that the broker warns of', {
    'an alert is off': (copy) =>
      put(first(copy, types.logAlert, named('alert-config-refused')).properties, 'enabled', false),
    'nobody is, of an event': inFirstQuery(named('alert-config-refused'), ", 'config-failed'", ''),
    'nobody is, of a reason': inFirstQuery(
      named('alert-rotation-blocked'),
      "'vault-unreadable'",
      "'vault-not-writable'",
    ),
  }),
  ...rows('each alert that must be there is there, and goes to the action group', {
    'one is missing': remove(types.logAlert, named('alert-timer-silent')),
    'one is off': setting(types.metricAlert, 'enabled', false),
    'one tells nobody': setting(types.logAlert, 'actions', { actionGroups: [] }),
    'a metric alert tells nobody': setting(types.metricAlert, 'actions', []),
  }),
  ...rows('in production the action group has somebody in it', {
    'it has nobody': setting('Microsoft.Insights/actionGroups', 'emailReceivers', []),
  }),
];
