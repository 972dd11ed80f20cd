import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isMembers, listAt, textAt, type Members } from '../../../scripts/infra/members.ts';

type Answer = { readonly status: number; readonly body?: unknown };
type Heard = {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
};

/** Microsoft Graph, as far as a registration needs it: upsert by `uniqueName`, what it fills in by itself, pages of one. */
export type GraphStandIn = {
  readonly url: string;
  readonly heard: Heard[];
  readonly applications: Members[];
  readonly principals: Members[];
  readonly federations: Members[];
  readonly assignments: Members[];
  /** The next request that matches is answered so, once. */
  refuse(method: string, path: RegExp, answer: Answer): void;
  /** All but reads. */
  writes(): string[];
  close(): Promise<void>;
};

export async function startGraph(): Promise<GraphStandIn> {
  const [heard, applications, principals, federations, assignments]: [Heard[], ...Members[][]] = [[], [], [], [], []];
  const refusals: { method: string; path: RegExp; answer: Answer }[] = [];

  const upsert = (uniqueName: string, body: Members, prefer: string | undefined): Answer => {
    const found = applications.find((each) => each['uniqueName'] === uniqueName);
    if (found) return { status: Object.assign(found, filledIn({ ...found, ...body })) && 204 };
    if (prefer !== 'create-if-missing' || textAt(body, 'displayName') === '') return { status: 404 };
    // A permission of its own cannot be named before it is there.
    if (listAt(body, 'api.preAuthorizedApplications').length > 0) return { status: 400, body: error('InvalidValue') };
    const made = filledIn({ ...body, id: randomUUID(), appId: randomUUID(), uniqueName });
    applications.push(made);
    return { status: 201, body: made };
  };

  const make = (into: Members[], body: Members): Answer => {
    const made = { ...body, id: randomUUID() };
    into.push(made);
    return { status: 201, body: made };
  };

  const change = (of: Members[], id: string, body: Members): Answer => {
    const found = of.find((each) => each['id'] === id);
    if (!found) return { status: 404, body: error('Request_ResourceNotFound') };
    Object.assign(found, body);
    return { status: 204 };
  };

  const answer = (method: string, path: string, body: Members, prefer: string | undefined): Answer => {
    const refused = refusals.findIndex((each) => each.method === method && each.path.test(path));
    if (refused >= 0) return refusals.splice(refused, 1)[0]?.answer ?? { status: 500 };
    const one = (found: Members | undefined): Answer => (found ? { status: 200, body: found } : { status: 404 });
    const [, uniqueName] = /^\/applications\(uniqueName='([^']+)'\)$/.exec(path) ?? [];
    if (uniqueName !== undefined) {
      return method === 'PATCH'
        ? upsert(uniqueName, body, prefer)
        : one(applications.find((each) => each['uniqueName'] === uniqueName));
    }
    const [, appId] = /^\/servicePrincipals\(appId='([^']+)'\)$/.exec(path) ?? [];
    if (appId !== undefined) return one(principals.find((each) => each['appId'] === appId));
    const [, kind, id = '', under, underId = '', query] =
      /^\/(\w+)(?:\/([^/?]+)(?:\/(\w+)(?:\/([^/?]+))?)?)?(\?.*)?$/.exec(path) ?? [];
    const into =
      under === 'federatedIdentityCredentials' ? federations : under === undefined ? principals : assignments;
    if (method === 'POST') return make(into, body);
    if (method === 'PATCH')
      return under === undefined
        ? change(kind === 'applications' ? applications : principals, id, body)
        : change(into, underId, body);
    return page(
      into,
      Number(query?.replace('?skip=', '') ?? 0),
      (next) => `${url}/v1.0${path.replace(/\?.*/, '')}?skip=${next}`,
    );
  };

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url: target = '', headers } = request;
    const path = decodeURIComponent(target.replace('/v1.0', ''));
    const body = await read(request);
    heard.push({ method, path, authorization: headers.authorization, body });
    const { status, body: sent } = answer(method, path, body, headers['prefer']?.toString());
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(sent === undefined ? undefined : JSON.stringify(sent));
  };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    heard,
    applications,
    principals,
    federations,
    assignments,
    refuse: (method, path, refusal) => void refusals.push({ method, path, answer: refusal }),
    writes: () => heard.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const error = (code: string) => ({
  error: { code, message: 'CANARY of the service’s own words', innerError: { 'request-id': randomUUID() } },
});

function page(all: readonly Members[], from: number, link: (next: number) => string): Answer {
  const next = from + 1 < all.length ? { '@odata.nextLink': link(from + 1) } : {};
  return { status: 200, body: { value: all.slice(from, from + 1), ...next } };
}

/** What Graph adds to what it was given. */
function filledIn(application: Members): Members {
  const roles = listAt(application, 'appRoles').filter(isMembers);
  const { api, web, optionalClaims } = application;
  return {
    identifierUris: [],
    ...application,
    api: {
      acceptMappedClaims: null,
      knownClientApplications: [],
      preAuthorizedApplications: [],
      ...(isMembers(api) ? api : {}),
    },
    web: { homePageUrl: null, logoutUrl: null, ...(isMembers(web) ? web : {}) },
    optionalClaims: { idToken: [], saml2Token: [], ...(isMembers(optionalClaims) ? optionalClaims : {}) },
    appRoles: roles.map((role) => ({ ...role, origin: 'Application' })),
  };
}

async function read(request: IncomingMessage): Promise<Members> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const value: unknown = text === '' ? {} : JSON.parse(text);
  return isMembers(value) ? value : {};
}
