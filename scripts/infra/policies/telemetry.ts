import { nameOf, resourcesOf, type Environment, type Resource } from '../evaluated.ts';
import { readKnownTelemetry, type KnownTelemetry } from '../known-telemetry.ts';
import { at, isMembers, listAt, textAt } from '../members.ts';
import type { Policy } from '../policy.ts';
import { readQuery } from '../query.ts';

/** Metrics of Azure's own ("Supported metrics with Azure Monitor"). */
const ofThePlatform = new Set(['Microsoft.Web/sites Http5xx', 'Microsoft.KeyVault/vaults Availability']);
/** The tables of Application Insights, with the columns that are asked for ("Azure Monitor Logs reference"). */
const tables = new Map<string, readonly string[]>([
  ['AppTraces', ['TimeGenerated', 'Message']],
  ['AppRequests', ['TimeGenerated', 'Name', 'OperationName', 'Url', 'ResultCode', 'DurationMs']],
  ['AppMetrics', ['TimeGenerated', 'Name', 'Properties', 'Max', 'Sum']],
]);

/** What somebody must be told of, whatever else. */
const topics = [
  'rotation-failed',
  'rotation-overdue',
  'rotation-not-settled',
  'timer-silent',
  'key-changed-outside',
  'client-credential-expires',
  'audit-unwritten',
  'requests-failing',
  'refusals',
  'not-ready',
  'server-errors',
];

type Query = { readonly where: string; readonly text: string };

export function createTelemetryPolicies(known: KnownTelemetry = readKnownTelemetry()): Policy[] {
  return [
    {
      name: 'every query names events, fields, metrics and attributes that the broker has',
      against: ({ environments }) =>
        environments
          .flatMap((each) => [...alertQueries(each), ...workbookQueries(each)])
          .flatMap((query) => unknownIn(query, known)),
    },
    {
      name: 'every metric alert is on a metric that the platform has',
      against: ({ environments }) => environments.flatMap(unknownMetrics),
    },
    {
      name: 'an alert is split by a column that its query ends with',
      against: ({ environments }) => environments.flatMap(logAlerts).flatMap(splitByNothing),
    },
    {
      name: 'somebody is told of everything that the broker warns of',
      against: ({ environments }) => environments.flatMap((each) => toldToNobody(each, known)),
    },
    {
      name: 'each alert that must be there is there, and goes to the action group',
      against: ({ environments }) => environments.flatMap((each) => [...missingTopics(each), ...toNobody(each)]),
    },
    {
      name: 'in production the action group has somebody in it',
      against: ({ environments }) =>
        environments
          .filter(({ name }) => name === 'prod')
          .flatMap((each) => resourcesOf(each, 'Microsoft.Insights/actionGroups'))
          .filter(({ properties }) => listAt(properties, 'emailReceivers').length === 0)
          .map((group) => `${nameOf(group)} has no receiver.`),
    },
  ];
}

function logAlerts(environment: Environment): Resource[] {
  return resourcesOf(environment, 'Microsoft.Insights/scheduledQueryRules');
}

function criteriaOf({ properties }: Resource): readonly unknown[] {
  return listAt(properties, 'criteria.allOf');
}

function isOn({ properties }: Resource): boolean {
  return at(properties, 'enabled') === true;
}

function alertQueries(environment: Environment, counts: (alert: Resource) => boolean = () => true): Query[] {
  return logAlerts(environment)
    .filter(counts)
    .flatMap((alert) =>
      criteriaOf(alert).map((criterion) => ({ where: nameOf(alert), text: textAt(criterion, 'query') })),
    );
}

function workbookQueries(environment: Environment): Query[] {
  return resourcesOf(environment, 'Microsoft.Insights/workbooks').flatMap((workbook) => {
    const content: unknown = JSON.parse(textAt(workbook.properties, 'serializedData'));
    return listAt(content, 'items')
      .filter((item) => textAt(item, 'content.query') !== '')
      .map((item) => ({ where: `${nameOf(workbook)} ${textAt(item, 'name')}`, text: textAt(item, 'content.query') }));
  });
}

function unknownIn({ where, text }: Query, known: KnownTelemetry): string[] {
  const named = readQuery(text);
  const isField = (field: string) => named.events.some((event) => known.events.get(event)?.has(field));
  const isAttribute = (name: string) => named.metrics.some((metric) => known.metrics.get(metric)?.has(name));
  const readsLines = named.tables.includes('AppTraces');
  const isColumn = (name: string) => named.tables.some((table) => tables.get(table)?.includes(name));
  return [
    ...(named.tables.length === 0 ? ['It reads no table.'] : []),
    ...(readsLines && named.events.length === 0 ? ['It reads log lines, and names no event.'] : []),
    ...(named.tables.includes('AppMetrics') && named.metrics.length === 0
      ? ['It reads metrics, and names none with == or in.']
      : []),
    ...named.names
      .filter((name) => !tables.has(name) && !isColumn(name))
      .map((name) => `No table that it reads has a column ${name}.`),
    ...named.loose.map((field) => `It compares ${field} with neither == nor in.`),
    ...named.tables.filter((table) => !tables.has(table)).map((table) => `There is no table ${table}.`),
    ...named.events.filter((event) => !known.events.has(event)).map((event) => `The broker logs no ${event}.`),
    ...named.rotationAlerts
      .filter((alert) => !known.rotationAlerts.has(alert))
      .map((alert) => `No rotation-alert is ${alert}.`),
    ...named.fields.filter((field) => !isField(field)).map((field) => `No line of these has ${field}.`),
    ...named.metrics
      .filter((metric) => !known.metrics.has(metric))
      .map((metric) => `There is no instrument ${metric}.`),
    ...named.attributes.filter((name) => !isAttribute(name)).map((name) => `It has no attribute ${name}.`),
  ].map((what) => `${where}: ${what}`);
}

function unknownMetrics(environment: Environment): string[] {
  return resourcesOf(environment, 'Microsoft.Insights/metricAlerts').flatMap((alert) =>
    criteriaOf(alert)
      .map((criterion) => `${textAt(criterion, 'metricNamespace')} ${textAt(criterion, 'metricName')}`)
      .filter((metric) => !ofThePlatform.has(metric))
      .map((metric) => `${nameOf(alert)}: ${metric}`),
  );
}

function splitByNothing(alert: Resource): string[] {
  return criteriaOf(alert).flatMap((criterion) => {
    const { columns } = readQuery(textAt(criterion, 'query'));
    return listAt(criterion, 'dimensions')
      .map((dimension) => textAt(dimension, 'name'))
      .filter((name) => !columns.includes(name))
      .map((name) => `${nameOf(alert)}: ${name}`);
  });
}

function toldToNobody(environment: Environment, known: KnownTelemetry): string[] {
  const queries = alertQueries(environment, isOn).map(({ text }) => readQuery(text));
  const events = new Set(queries.flatMap((query) => query.events));
  const alerts = new Set(queries.flatMap((query) => query.rotationAlerts));
  return [
    ...Array.from(known.warnings).filter((event) => !events.has(event)),
    ...Array.from(known.rotationAlerts).filter((alert) => !alerts.has(alert)),
  ].map((what) => `${environment.name} has no alert on ${what}. Name it in one of infra/alerts.`);
}

function allAlerts(environment: Environment): Resource[] {
  return [...logAlerts(environment), ...resourcesOf(environment, 'Microsoft.Insights/metricAlerts')];
}

function missingTopics(environment: Environment): string[] {
  const alerts = allAlerts(environment).filter(isOn);
  return topics
    .filter((topic) => !alerts.some(({ name }) => name.startsWith(`alert-${topic}-`)))
    .map((topic) => `${environment.name} has no alert ${topic}.`);
}

function toNobody(environment: Environment): string[] {
  const groups = resourcesOf(environment, 'Microsoft.Insights/actionGroups').map(({ id }) => id);
  const isTold = ({ properties }: Resource) => {
    const { actions } = properties;
    const told = isMembers(actions)
      ? listAt(actions, 'actionGroups')
      : listAt(properties, 'actions').map((each) => at(each, 'actionGroupId'));
    return told.some((id) => groups.some((group) => group === id));
  };
  return allAlerts(environment)
    .filter((alert) => !isTold(alert))
    .map((alert) => `${nameOf(alert)} tells nobody.`);
}
