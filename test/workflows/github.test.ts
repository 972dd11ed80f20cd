import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { missingFiles, missingOutputs, missingScripts } from './named.ts';
import { readWorkflow, root, stepsOf, textOf, workflowFiles, type Job, type Step } from './workflow.ts';

const path = (name: string) => `.github/workflows/${name}.yml`;
const jobOf = (file: string, name: string): Job => readWorkflow(path(file)).jobs[name] ?? {};
const runsOf = (steps: readonly Step[] = []) => steps.map(({ run = '' }) => run).join('\n');

/** The least that each job needs. Signing in to Azure and attesting are what `id-token` is for. */
const permissions: Readonly<Record<string, Readonly<Record<string, Job['permissions']>>>> = {
  ci: {
    test: { contents: 'read' },
    package: { contents: 'read' },
    infrastructure: { contents: 'read' },
    dependencies: { contents: 'read' },
  },
  release: {
    build: { contents: 'read' },
    publish: { contents: 'write', 'id-token': 'write', attestations: 'write' },
  },
  deploy: {
    fetch: { contents: 'read', attestations: 'read' },
    dev: { contents: 'read', 'id-token': 'write' },
    prod: { contents: 'read', 'id-token': 'write' },
  },
  'deploy-environment': {
    plan: { contents: 'read', 'id-token': 'write' },
    deploy: { contents: 'read', 'id-token': 'write' },
  },
};

test('the workflows are those whose permissions are known', () => {
  expect(workflowFiles.toSorted()).toEqual(Object.keys(permissions).map(path).toSorted());
});

describe.each(Object.keys(permissions))('%s', (name) => {
  const text = textOf(path(name));
  const workflow = readWorkflow(path(name));

  test('runs actions by a full commit, with the version beside it, and workflows of this repository', () => {
    const lines = text.split('\n').filter((line) => /^\s*(- )?uses:/.test(line));
    const used = [...Object.values(workflow.jobs), ...stepsOf(workflow)].filter(({ uses }) => uses !== undefined);
    expect(lines.length).toBe(used.length);
    const locals = lines.flatMap((line) => /uses: \.\/(\S+)$/.exec(line)?.[1] ?? []);
    expect(locals.filter((local) => !existsSync(join(root, local)))).toEqual([]);
    const pinned = /uses: (\.\/\S+|[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/;
    expect(lines.filter((line) => !pinned.test(line))).toEqual([]);
  });

  test('grants nothing but what each job needs', () => {
    expect(workflow.permissions).toEqual({});
    const granted = Object.entries(workflow.jobs).map(([job, { permissions: own }]) => [job, own]);
    expect(Object.fromEntries(granted)).toEqual(permissions[name]);
  });

  test('has no secret but the token of the run itself', () => {
    const secrets = Array.from(text.matchAll(/secrets\b[^\s}]*/g), ([found]) => found);
    expect(secrets.filter((found) => found !== 'secrets.GITHUB_TOKEN')).toEqual([]);
    expect(text).not.toMatch(/client-secret|creds:|password/i);
  });

  test('ends each job in time', () => {
    const own = Object.values(workflow.jobs).filter(({ uses }) => uses === undefined);
    for (const { 'timeout-minutes': minutes = Infinity } of own) expect(minutes).toBeLessThanOrEqual(60);
  });

  test('is started by whoever may write to the repository, or reads alone', () => {
    const known = new Set(['pull_request', 'push', 'workflow_dispatch', 'workflow_call']);
    expect(Object.keys(workflow.on).filter((trigger) => !known.has(trigger))).toEqual([]);
    const writes = Object.values(workflow.jobs).some((job) => Object.values(job.permissions ?? {}).includes('write'));
    expect('pull_request' in workflow.on && writes).toBe(false);
  });

  test('puts nothing from outside into a script, where it could be a command', () => {
    for (const { run = '' } of stepsOf(workflow)) expect(run).not.toContain('${{');
  });

  test('leaves no token of the checkout behind', () => {
    const checkouts = stepsOf(workflow).filter(({ uses = '' }) => uses.startsWith('actions/checkout@'));
    for (const { with: given } of checkouts) expect(given).toMatchObject({ 'persist-credentials': false });
  });

  test('calls npm scripts and names files that there are', () => {
    expect(missingScripts(text)).toEqual([]);
    expect(missingFiles(text)).toEqual([]);
  });
});

test('runs of one kind do not meet, and none that changes anything is cut off', () => {
  for (const file of workflowFiles) {
    const { on, concurrency } = readWorkflow(file);
    if ('workflow_call' in on) continue;
    expect([file, concurrency?.group]).toEqual([file, expect.stringMatching(/^\w+/)]);
    expect([file, concurrency?.['cancel-in-progress']]).toEqual([file, 'pull_request' in on]);
  }
});

describe('a pull request', () => {
  test('goes through every command of CONTRIBUTING.md that must pass, and through the dependency review', () => {
    const { jobs } = readWorkflow(path('ci'));
    const run = runsOf(stepsOf(readWorkflow(path('ci'))));
    const commands = ['npm ci', 'npm run check', 'npm test', 'npm run build', 'npm run package', 'npm run infra:check'];
    for (const command of commands) expect(run).toContain(command);
    const [, review] = jobs['dependencies']?.steps ?? [];
    expect(review?.uses).toMatch(/^actions\/dependency-review-action@/);
  });

  test('hands on the package and its bill of materials', () => {
    const upload = jobOf('ci', 'package').steps?.at(-1);
    expect(upload?.with).toMatchObject({ path: 'dist/package', 'if-no-files-found': 'error' });
  });
});

describe('a release', () => {
  test('is signed and published by a job that runs nothing of the repository', () => {
    const steps = jobOf('release', 'publish').steps ?? [];
    expect(steps.filter(({ uses = '' }) => /checkout|setup-node/.test(uses))).toEqual([]);
    expect(runsOf(steps)).not.toMatch(/npm|node /);
    expect(jobOf('release', 'publish').needs).toBe('build');
  });

  test('is attested before it is published: where it and its bill of materials come from, and what is in it', () => {
    const steps = jobOf('release', 'publish').steps ?? [];
    const attested = steps.filter(({ uses = '' }) => uses.startsWith('actions/attest@'));
    expect(attested.map(({ with: given }) => given)).toEqual([
      { 'subject-path': 'package/token-broker.zip, package/sbom.json' },
      { 'subject-path': 'package/token-broker.zip', 'sbom-path': 'package/sbom.json' },
    ]);
    expect(steps.findIndex(({ run = '' }) => run.startsWith('gh release create'))).toBe(steps.length - 1);
  });

  test('is of the version that its tag says', () => {
    expect(runsOf(jobOf('release', 'build').steps)).toContain(
      'test "$GITHUB_REF_NAME" = "v$(jq -r .version package.json)"',
    );
  });
});

describe('a deployment', () => {
  test('is of a release that its workflow has attested, to dev first and then to prod', () => {
    const fetched = runsOf(jobOf('deploy', 'fetch').steps);
    expect(fetched).toMatch(/gh attestation verify token-broker\.zip [^]*--signer-workflow \S+release\.yml"/);
    expect(fetched).toContain('--source-ref "refs/tags/$TAG" --source-digest "$commit"');
    expect([jobOf('deploy', 'dev').needs, jobOf('deploy', 'prod').needs]).toEqual(['fetch', ['fetch', 'dev']]);
    for (const name of ['dev', 'prod']) {
      expect(jobOf('deploy', name)).toMatchObject({ uses: './.github/workflows/deploy-environment.yml' });
      expect(jobOf('deploy', name).with).toMatchObject({
        environment: name,
        commit: '${{ needs.fetch.outputs.commit }}',
      });
    }
  });

  test('is of a commit of main: a tag on any other is deployed nowhere', () => {
    const run = runsOf(jobOf('deploy', 'fetch').steps);
    const guard = run.slice(0, run.indexOf('gh release download'));
    const outcomeOf = (status: string) => {
      const gh = `gh() { case "$2" in */compare/main...c0ffee) echo ${status};; */commits/tags/v1.2.3) echo c0ffee;; esac; }`;
      const env = { PATH: process.env['PATH'], TAG: 'v1.2.3', GITHUB_REPOSITORY: 'owner/repository' };
      return spawnSync('bash', ['-ec', `${gh}\n${guard}`], { env }).status;
    };
    const statuses = ['identical', 'behind', 'ahead', 'diverged', ''];
    expect(statuses.map(outcomeOf)).toEqual([0, 0, 1, 1, 1]);
  });

  test('shows what would change, as another identity, before the environment asks for its approval', () => {
    const [plan, deploy] = [jobOf('deploy-environment', 'plan'), jobOf('deploy-environment', 'deploy')];
    expect([plan.environment, deploy.environment]).toEqual([
      '${{ inputs.environment }}-plan',
      '${{ inputs.environment }}',
    ]);
    expect(deploy.needs).toBe('plan');
    const shown = runsOf(plan.steps);
    expect(shown).toMatch(
      /az deployment group what-if [^]*> what-if\.txt\n[^]*cat what-if\.txt[^]*GITHUB_STEP_SUMMARY/,
    );
    expect(shown).not.toMatch(/deployment group create|blob upload|config-zip/);
  });

  test('changes the infrastructure, then the configuration, then the package, then sees whether it works', () => {
    const run = runsOf(jobOf('deploy-environment', 'deploy').steps);
    const order = ['config check', 'group create', 'blob upload', 'config-zip', '/readyz', 'doctor --remote'];
    const places = order.map((part) => run.indexOf(part));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(run).toContain('--build-remote false');
  });

  test('takes infrastructure and configuration from the commit that was verified', () => {
    const steps = stepsOf(readWorkflow(path('deploy-environment')));
    const checkouts = steps.filter(({ uses = '' }) => uses.startsWith('actions/checkout@'));
    expect(checkouts.map(({ with: given }) => given?.['ref'])).toEqual([
      '${{ inputs.commit }}',
      '${{ inputs.commit }}',
    ]);
  });

  test('reads outputs that the infrastructure has', () => {
    expect(missingOutputs(textOf(path('deploy-environment')))).toEqual([]);
  });

  test('installs what the lock file names before anybody is signed in, and lets none of it run: the job may ask who it is', () => {
    const steps = jobOf('deploy-environment', 'deploy').steps ?? [];
    const installs = steps.findIndex(({ run }) => run === 'npm ci --ignore-scripts');
    const signsIn = steps.findIndex(({ uses = '' }) => uses.startsWith('azure/login@'));
    expect([installs >= 0, installs < signsIn]).toEqual([true, true]);
  });

  test('signs in by federation, with names that are no secret', () => {
    const steps = stepsOf(readWorkflow(path('deploy-environment')));
    const signIns = steps.filter(({ uses = '' }) => uses.startsWith('azure/login@'));
    expect(signIns.length).toBeGreaterThan(1);
    for (const { with: given } of signIns)
      expect(given).toEqual({
        'client-id': '${{ vars.AZURE_CLIENT_ID }}',
        'tenant-id': '${{ vars.AZURE_TENANT_ID }}',
        'subscription-id': '${{ vars.AZURE_SUBSCRIPTION_ID }}',
      });
  });
});
