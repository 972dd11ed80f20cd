import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createDryRun, createGraph } from '../../../scripts/entra/graph.ts';
import { register, type Wanted } from '../../../scripts/entra/register.ts';
import { at, listAt } from '../../../scripts/infra/members.ts';
import { Secret } from '../../../shared/secret.ts';
import { error, startGraph, type GraphStandIn } from './graph-stand-in.ts';

const token = 'CANARYtokenForGraph';
const [billing, platform, identity] = ['b1', 'b2', 'b3'].map((end) => `d2e3f4a5-b6c7-4d8e-9f0a-1b2c3d4e5f${end}`);
const tenantId = '7d0a1d53-6a4c-4c60-9d0f-3a1f2a5b6c7d';

let graph: GraphStandIn;
let told: string[] = [];
let pauses = 0;

beforeEach(async () => {
  graph = await startGraph();
  [told, pauses] = [[], 0];
});

afterEach(() => graph.close());

const wanted = (changed: Partial<Wanted> = {}): Wanted => ({
  uniqueName: 'token-broker-prod',
  tenantId,
  authorityHost: 'https://login.microsoftonline.com',
  url: 'https://func-broker.azurewebsites.net',
  identity,
  grants: [
    { role: 'Headers.Read', principalId: billing ?? '' },
    { role: 'Operations.Write', principalId: platform ?? '' },
  ],
  ...changed,
});

const run = ({ dry = false, ...changed }: Partial<Wanted> & { dry?: boolean } = {}) => {
  const real = createGraph({ url: graph.url, acquireToken: async () => new Secret(token) });
  const tell = (line: string) => void told.push(line);
  const dependencies = { graph: dry ? createDryRun(real, tell) : real, tell, pause: async () => void (pauses += 1) };
  return register(dependencies, wanted(changed));
};

const application = () => graph.applications[0];

describe('a registration', () => {
  test('is made from nothing, with all that the broker asks of its callers’ tokens', async () => {
    const { clientId } = await run();
    expect(clientId).toBe(application()?.['appId']);
    expect(application()).toMatchObject({
      uniqueName: 'token-broker-prod',
      signInAudience: 'AzureADMyOrg',
      identifierUris: [`api://${clientId}`],
      api: { requestedAccessTokenVersion: 2 },
      optionalClaims: { accessToken: [{ name: 'idtyp' }] },
      web: {
        redirectUris: ['https://func-broker.azurewebsites.net/.auth/login/aad/callback'],
        implicitGrantSettings: { enableIdTokenIssuance: true, enableAccessTokenIssuance: false },
      },
    });
    const roles = listAt(application(), 'appRoles').map((role) => [at(role, 'value'), at(role, 'allowedMemberTypes')]);
    expect(roles).toEqual([
      ['Headers.Read', ['Application']],
      ['Operations.Read', ['Application', 'User']],
      ['Operations.Write', ['Application', 'User']],
    ]);
    expect(graph.principals).toMatchObject([{ appId: clientId, appRoleAssignmentRequired: true }]);
  });

  test('has no secret: the app’s identity vouches for it', async () => {
    await run();
    expect(graph.federations).toMatchObject([
      {
        issuer: `https://login.microsoftonline.com/${tenantId}/v2.0`,
        subject: identity,
        audiences: ['api://AzureADTokenExchange'],
      },
    ]);
    expect(graph.writes().join()).not.toMatch(/password|secret/i);
  });

  test('lets the Azure CLI ask for it, so that people can use the command line', async () => {
    await run();
    const [scope] = listAt(application(), 'api.oauth2PermissionScopes');
    expect(at(application(), 'api.preAuthorizedApplications')).toEqual([
      { appId: '04b07795-8ddb-461a-bbee-02f9e1bf7b46', delegatedPermissionIds: [at(scope, 'id')] },
    ]);
  });

  test('gives roles to those who are to have them, and to each once', async () => {
    await run({ grants: [...wanted().grants, ...wanted().grants] });
    const ids = new Map(listAt(application(), 'appRoles').map((role) => [at(role, 'value'), at(role, 'id')]));
    expect(graph.assignments).toMatchObject([
      { principalId: billing, appRoleId: ids.get('Headers.Read'), resourceId: graph.principals[0]?.['id'] },
      { principalId: platform, appRoleId: ids.get('Operations.Write') },
    ]);
  });

  test('that is right is left alone: a second run writes nothing', async () => {
    const first = await run();
    graph.heard.length = 0;
    expect(await run()).toEqual({ clientId: first.clientId, changes: 0 });
    expect(graph.writes()).toEqual([]);
  });

  test('is made before the app is there, and completed when it is', async () => {
    await run({ url: undefined, identity: undefined, grants: [] });
    expect(at(application(), 'web.redirectUris')).toEqual([]);
    expect(graph.federations).toEqual([]);
    await run();
    expect(at(application(), 'web.redirectUris')).toHaveLength(1);
    expect(graph.federations).toHaveLength(1);
    expect(graph.applications).toHaveLength(1);
  });

  test.each<[string, (found: Record<string, unknown>) => void, string]>([
    [
      'tokens of version 1',
      (found) => (found['api'] = { ...Object(found['api']), requestedAccessTokenVersion: null }),
      'api',
    ],
    ['no idtyp', (found) => (found['optionalClaims'] = null), 'optionalClaims'],
    [
      'a role that is off',
      (found) => (found['appRoles'] = listAt(found, 'appRoles').map((role) => ({ ...Object(role), isEnabled: false }))),
      'appRoles',
    ],
    [
      'a role for people alone',
      (found) =>
        (found['appRoles'] = listAt(found, 'appRoles').map((role) => ({
          ...Object(role),
          allowedMemberTypes: ['User'],
        }))),
      'appRoles',
    ],
    ['sign-ins from everywhere', (found) => (found['signInAudience'] = 'AzureADMultipleOrgs'), 'signInAudience'],
    ['no URI of its own', (found) => (found['identifierUris'] = []), 'identifierUris'],
  ])('with %s is mended, and in that alone', async (_what, spoil, member) => {
    await run();
    const before = structuredClone(application());
    spoil(application() ?? {});
    [graph.heard.length, told.length] = [0, 0];
    await run();
    expect(told).toEqual([`Changes ${member} of the registration.`]);
    expect(application()).toMatchObject({ ...before, appRoles: expect.anything(), optionalClaims: expect.anything() });
    graph.heard.length = 0;
    expect((await run()).changes).toBe(0);
  });

  test('keeps what others have added', async () => {
    await run();
    const found = application() ?? {};
    const theirs = {
      id: 'x',
      value: 'Their.Role',
      isEnabled: true,
      allowedMemberTypes: ['User'],
      origin: 'Application',
    };
    found['appRoles'] = [theirs];
    found['web'] = { ...Object(found['web']), redirectUris: ['https://theirs.example/callback'] };
    await run();
    expect(listAt(found, 'appRoles')).toContainEqual(theirs);
    expect(listAt(found, 'appRoles')).toHaveLength(4);
    expect(at(found, 'web.redirectUris')).toEqual([
      'https://theirs.example/callback',
      'https://func-broker.azurewebsites.net/.auth/login/aad/callback',
    ]);
  });

  test('gives a role by the id that it has, also where that is not ours', async () => {
    await run({ grants: [] });
    const found = application() ?? {};
    found['appRoles'] = listAt(found, 'appRoles').map((role) => ({
      ...Object(role),
      id: `own-${String(at(role, 'value'))}`,
    }));
    await run();
    expect(graph.assignments).toMatchObject([{ appRoleId: 'own-Headers.Read' }, { appRoleId: 'own-Operations.Write' }]);
  });

  test('requires a role of whoever wants a token, again where somebody has lifted that', async () => {
    await run();
    Object.assign(graph.principals[0] ?? {}, { appRoleAssignmentRequired: false });
    await run();
    expect(graph.principals).toMatchObject([{ appRoleAssignmentRequired: true }]);
  });

  test('trusts the identity of the app as it is now', async () => {
    await run();
    await run({ identity: billing });
    expect(graph.federations).toMatchObject([{ subject: billing }]);
  });
});

describe('a dry run', () => {
  test('of a registration that is not there tells each write and makes none', async () => {
    expect(await run({ dry: true })).toEqual({ clientId: '(new)', changes: 6 });
    expect(graph.writes()).toEqual([]);
    expect(told).toEqual(
      expect.arrayContaining([
        'Makes the registration token-broker-prod.',
        expect.stringMatching(/^PATCH \/applications\(uniqueName='token-broker-prod'\) \{"displayName"/),
        `Gives Headers.Read to ${billing}.`,
        expect.stringMatching(/^POST \/servicePrincipals\/\(new\)\/appRoleAssignedTo /),
      ]),
    );
  });

  test('of one that is there tells what differs', async () => {
    await run({ identity: undefined });
    [told.length, graph.heard.length] = [0, 0];
    await run({ dry: true });
    expect(told).toEqual([
      'Trusts the app’s managed identity, in place of a client secret.',
      expect.stringMatching(/^POST /),
    ]);
    expect(graph.writes()).toEqual([]);
  });
});

describe('what Graph does not do', () => {
  test('because it has not heard of a new registration everywhere is tried again', async () => {
    graph.refuse('POST', /^\/servicePrincipals$/, { status: 400, body: error('Request_BadRequest') });
    graph.refuse('POST', /federatedIdentityCredentials$/, { status: 404, body: error('Request_ResourceNotFound') });
    await run();
    expect(pauses).toBe(2);
    expect(graph.principals).toHaveLength(1);
    expect(graph.federations).toHaveLength(1);
  });

  test('because one may not is said with the role that is needed, and without the service’s own words', async () => {
    graph.refuse('POST', /appRoleAssignedTo$/, { status: 403, body: error('Authorization_RequestDenied') });
    const refusal = await run().catch((thrown: unknown) => String(thrown));
    expect(refusal).toMatch(
      /answered 403 \(Authorization_RequestDenied, request [\da-f-]{36}\) to POST .*Privileged Role Administrator/,
    );
    expect(refusal).not.toContain('CANARY');
    expect(pauses).toBe(0);
  });

  test('for good ends the run after some tries', async () => {
    for (let each = 0; each < 6; each += 1)
      graph.refuse('POST', /^\/servicePrincipals$/, { status: 400, body: error('Request_BadRequest') });
    await expect(run()).rejects.toThrow(/answered 400/);
    expect(pauses).toBe(5);
  });

  test('because it is not there is said, with what to do', async () => {
    await graph.close();
    await expect(run()).rejects.toThrow(/gave no answer to GET .* Try again/);
  });
});

test('the token goes to Graph, and nowhere else', async () => {
  await run();
  expect(new Set(graph.heard.map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${token}`]));
  expect(told.join()).not.toContain(token);
});
