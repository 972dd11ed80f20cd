import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { missingFiles, missingOutputs, missingScripts } from './named.ts';
import { textOf } from './workflow.ts';

type Step = {
  task?: string;
  checkout?: string;
  persistCredentials?: boolean;
  script?: string;
  bash?: string;
  publish?: string;
  inputs?: Record<string, string>;
};
type Job = {
  timeoutInMinutes?: number;
  environment?: string;
  steps?: Step[];
  strategy?: { runOnce: { deploy: { steps: Step[] } } };
};
type Stage = { stage: string; jobs: Job[] };

const text = textOf('azure-pipelines.yml');
const { parameters, stages } = parse(text) as { parameters: { default: string[] }[]; stages: (Stage | object)[] };
const [build, each] = stages;
const [plan, deploy] = Object.values(each ?? {})[0] as Stage[];
const jobsOf = (stage: unknown) => (stage as Stage).jobs;
const stepsOf = (stage: unknown) =>
  jobsOf(stage).flatMap(({ steps, strategy }) => steps ?? strategy?.runOnce.deploy.steps ?? []);
const scriptsOf = (stage: unknown) =>
  stepsOf(stage)
    .map(({ script, bash, inputs }) => script ?? bash ?? inputs?.['inlineScript'] ?? '')
    .join('\n');
const all = [build, plan, deploy];

test('the pipeline checks and packages, then deploys to dev and from there to prod, each after what would change was shown', () => {
  for (const command of ['npm run check', 'npm test', 'npm run infra:check', 'npm run package'])
    expect(scriptsOf(build)).toContain(command);
  expect(parameters[0]?.default).toEqual(['dev', 'prod']);
  // One after the other, as they stand: no stage says otherwise.
  expect([plan?.stage, deploy?.stage]).toEqual(['${{ environment }}_plan', '${{ environment }}']);
  expect(text).not.toContain('dependsOn');
  expect(scriptsOf(plan)).toMatch(/what-if [^]*task\.uploadsummary/);
  expect(scriptsOf(plan)).not.toMatch(/group create|blob upload|config-zip/);
});

test('approvals are asked for by the environment of the stage that changes something, and of no other', () => {
  expect(
    jobsOf(build)
      .concat(jobsOf(plan))
      .map(({ environment }) => environment),
  ).toEqual([undefined, undefined, undefined]);
  expect(jobsOf(deploy).map(({ environment }) => environment)).toEqual(['token-broker-${{ environment }}']);
});

test('a deployment changes the infrastructure, then the configuration, then the package, then sees whether it works', () => {
  const run = scriptsOf(deploy);
  const order = ['npm ci', 'config check', 'group create', 'blob upload', 'config-zip', '/readyz', 'doctor --remote'];
  const places = order.map((part) => run.indexOf(part));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

test('whoever is signed in is so by a federated service connection: nothing is a secret, and no token is left behind', () => {
  const steps = all.flatMap(stepsOf);
  const tasks = steps.flatMap(({ task }) => task ?? []);
  expect(tasks.filter((task) => !/^(UseNode@1|AzureCLI@2)$/.test(task))).toEqual([]);
  const checkouts = steps.filter(({ checkout }) => checkout !== undefined);
  for (const { persistCredentials } of checkouts) expect(persistCredentials).toBe(false);
  const signedIn = steps.filter(({ task }) => task === 'AzureCLI@2');
  expect(signedIn.length).toBeGreaterThan(2);
  for (const { inputs = {} } of signedIn) {
    expect(inputs['azureSubscription']).toMatch(/^token-broker-\$\{\{ environment \}\}(-plan)?$/);
    expect(inputs['addSpnToEnvironment']).toBeUndefined();
    expect(inputs['inlineScript']).toMatch(/^set -euo pipefail\n/);
  }
  const code = text.replaceAll(/^\s*#.*$/gm, '');
  expect(code).not.toMatch(/secret|password|System\.AccessToken|keyvault/i);
});

test('what would change is asked by another service connection than what changes it', () => {
  const connections = (stage: unknown) => stepsOf(stage).flatMap(({ inputs }) => inputs?.['azureSubscription'] ?? []);
  expect(new Set(connections(plan))).toEqual(new Set(['token-broker-${{ environment }}-plan']));
  expect(new Set(connections(deploy))).toEqual(new Set(['token-broker-${{ environment }}']));
});

test('each job ends in time', () => {
  for (const stage of all)
    for (const { timeoutInMinutes = 1_000 } of jobsOf(stage)) expect(timeoutInMinutes).toBeLessThanOrEqual(60);
});

test('it puts nothing into a script but what stands in its environment', () => {
  for (const stage of all) expect(scriptsOf(stage)).not.toMatch(/\$\{\{|\$\([\w.]+\)/);
});

test('it calls npm scripts and names files that there are', () => {
  expect(missingScripts(text)).toEqual([]);
  expect(missingFiles(text)).toEqual([]);
});

test('it reads outputs that the infrastructure has', () => {
  expect(missingOutputs(text)).toEqual([]);
});

test('it compiles the infrastructure with the same Bicep as GitHub does', () => {
  const version = /bicep: (v[\d.]+)$/m.exec(text)?.[1];
  expect(version).toMatch(/^v\d+\.\d+\.\d+$/);
  expect(textOf('.github/workflows/deploy-environment.yml')).toContain(`BICEP: ${version}\n`);
});
