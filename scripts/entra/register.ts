import { at, listAt, textAt, type Members } from '../infra/members.ts';
import { appRoles, changeOf, secondChangeOf, type AppRole, type Change } from './application.ts';
import { GraphRefused, type Graph } from './graph.ts';

/** What the broker’s registration is to be. */
export type Wanted = {
  /** It is found again by this: `token-broker-prod`. */
  readonly uniqueName: string;
  readonly tenantId: string;
  /** Where Entra issues tokens, without a slash at its end. */
  readonly authorityHost: string;
  /** Where the broker answers, without a slash at its end; absent while it is not there yet. */
  readonly url: string | undefined;
  /** The object id of the app’s managed identity, which vouches for the registration; absent while it is not there yet. */
  readonly identity: string | undefined;
  readonly grants: readonly { readonly role: AppRole; readonly principalId: string }[];
};

type Dependencies = {
  readonly graph: Graph;
  /** Told of each change. */
  readonly tell: (line: string) => void;
  /** Before something is tried again that Entra has not heard of everywhere. */
  readonly pause: () => Promise<void>;
};

export type Registered = { readonly clientId: string; readonly changes: number };

const federationName = 'app-service-authentication';
const tries = 6;

/**
 * Brings the registration to what is wanted, and changes nothing that is so already: run again, it makes no write.
 *
 * @throws {GraphRefused}
 */
export async function register({ graph, tell, pause }: Dependencies, wanted: Wanted): Promise<Registered> {
  let changes = 0;
  const change = async (what: string, make: () => Promise<Members>) => {
    tell(what);
    changes += 1;
    return untilSeen(make, pause);
  };
  const application = await bringApplication(graph, change, wanted);
  const [id, clientId] = [textAt(application, 'id'), textAt(application, 'appId')];
  const principal = await bringPrincipal(graph, change, clientId);
  if (wanted.identity !== undefined) await bringFederation(graph, change, id, wanted, wanted.identity);
  await bringGrants(graph, change, application, principal, wanted.grants);
  return { clientId, changes };
}

type Make = (what: string, make: () => Promise<Members>) => Promise<Members>;

async function bringApplication(graph: Graph, change: Make, { uniqueName, url }: Wanted): Promise<Members> {
  const path = `/applications(uniqueName='${uniqueName}')`;
  const found = await graph.get(path);
  const first = changeOf(found, uniqueName, url);
  const name = { displayName: textAt(found, 'displayName') || uniqueName };
  let application = found ?? {};
  if (Object.keys(first).length > 0) {
    const what = found ? `Changes ${membersOf(first)} of the registration.` : `Makes the registration ${uniqueName}.`;
    const made = await change(what, () => graph.write('PATCH', path, { ...name, ...first }, 'create-if-missing'));
    // A change of what is there is answered with nothing.
    application = { ...application, ...first, ...made };
  }
  const second = secondChangeOf(application);
  if (Object.keys(second).length === 0) return application;
  await change(`Changes ${membersOf(second)} of the registration.`, () =>
    graph.write('PATCH', `/applications/${textAt(application, 'id')}`, second),
  );
  return { ...application, ...second };
}

function membersOf(change: Change): string {
  return Object.keys(change).join(', ');
}

/** In the tenant, the registration acts as this. Only whoever has one of its roles is given tokens for it. */
async function bringPrincipal(graph: Graph, change: Make, clientId: string): Promise<Members> {
  const found = await graph.get(`/servicePrincipals(appId='${clientId}')`);
  if (!found) {
    return change('Makes its service principal.', () =>
      graph.write('POST', '/servicePrincipals', { appId: clientId, appRoleAssignmentRequired: true }),
    );
  }
  if (at(found, 'appRoleAssignmentRequired') === true) return found;
  await change('Gives tokens to nobody but those who have a role.', () =>
    graph.write('PATCH', `/servicePrincipals/${textAt(found, 'id')}`, { appRoleAssignmentRequired: true }),
  );
  return found;
}

async function bringFederation(
  graph: Graph,
  change: Make,
  id: string,
  wanted: Wanted,
  identity: string,
): Promise<void> {
  const path = `/applications/${id}/federatedIdentityCredentials`;
  const credential = {
    issuer: `${wanted.authorityHost}/${wanted.tenantId}/v2.0`,
    subject: identity,
    audiences: ['api://AzureADTokenExchange'],
  };
  const found = (await graph.list(path)).find((each) => each['name'] === federationName);
  if (!found) {
    await change('Trusts the app’s managed identity, in place of a client secret.', () =>
      graph.write('POST', path, { name: federationName, ...credential }),
    );
  } else if (found['subject'] !== identity || found['issuer'] !== credential.issuer) {
    await change('Trusts another managed identity than before.', () =>
      graph.write('PATCH', `${path}/${textAt(found, 'id')}`, credential),
    );
  }
}

async function bringGrants(
  graph: Graph,
  change: Make,
  application: Members,
  principal: Members,
  grants: Wanted['grants'],
): Promise<void> {
  if (grants.length === 0) return;
  const resourceId = textAt(principal, 'id');
  const path = `/servicePrincipals/${resourceId}/appRoleAssignedTo`;
  const given = new Set(
    (await graph.list(path)).map((each) => `${textAt(each, 'principalId')} ${textAt(each, 'appRoleId')}`),
  );
  for (const { role, principalId } of grants) {
    const appRoleId = idOf(application, role);
    if (given.has(`${principalId} ${appRoleId}`)) continue;
    given.add(`${principalId} ${appRoleId}`);
    await change(`Gives ${role} to ${principalId}.`, () =>
      graph.write('POST', path, { principalId, resourceId, appRoleId }),
    );
  }
}

/** That of the registration: a role that somebody else has made has another. */
function idOf(application: Members, role: AppRole): string {
  const found = listAt(application, 'appRoles').find((each) => textAt(each, 'value') === role);
  return textAt(found, 'id') || appRoles[role].id;
}

/** What was made a moment ago may not be known everywhere yet: 404, or 400 for what refers to it. */
async function untilSeen(make: () => Promise<Members>, pause: () => Promise<void>): Promise<Members> {
  for (let left = tries - 1; ; left -= 1) {
    try {
      return await make();
    } catch (error) {
      const mayPass = error instanceof GraphRefused && (error.status === 404 || error.status === 400);
      if (!mayPass || left === 0) throw error;
      await pause();
    }
  }
}
