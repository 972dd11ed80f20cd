import type { Secret } from '../../shared/secret.ts';
import { at, isMembers, listAt, textAt, type Members } from '../infra/members.ts';

/** Microsoft Graph v1.0, as far as a registration needs it. Every function throws {GraphRefused}. */
export type Graph = {
  /** @returns `undefined` for what is not there. */
  get(path: string): Promise<Members | undefined>;
  /** All pages. */
  list(path: string): Promise<Members[]>;
  /** @returns what the answer holds; nothing where there is none. */
  write(method: 'POST' | 'PATCH', path: string, body: Members, prefer?: string): Promise<Members>;
};

/** Graph did not do it, or was not reached; the message says what to do. */
export class GraphRefused extends Error {
  /** 0 without an answer. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type Options = {
  /** Without a slash at its end: `https://graph.microsoft.com`. */
  readonly url: string;
  readonly acquireToken: () => Promise<Secret>;
};

const limitMs = 30_000;

export function createGraph({ url, acquireToken }: Options): Graph {
  const send = async (method: string, path: string, body?: Members, prefer?: string) => {
    const token = await acquireToken();
    const headers = {
      Authorization: `Bearer ${token.open()}`,
      ...(body && { 'Content-Type': 'application/json' }),
      ...(prefer !== undefined && { Prefer: prefer }),
    };
    const request = { method, headers, redirect: 'error', signal: AbortSignal.timeout(limitMs) } as const;
    const target = path.startsWith(`${url}/`) ? path : `${url}/v1.0${path}`;
    const response = await fetch(target, { ...request, ...(body && { body: JSON.stringify(body) }) }).catch(() => {
      throw new GraphRefused(
        0,
        `Microsoft Graph gave no answer to ${method} ${path}. Try again: what is done is kept.`,
      );
    });
    const answer = toMembers(await response.text());
    return { status: response.status, answer };
  };

  const expect = async (method: string, path: string, body?: Members, prefer?: string) => {
    const { status, answer } = await send(method, path, body, prefer);
    if (status >= 200 && status < 300) return answer;
    throw toRefusal(method, path, status, answer);
  };

  return {
    get: async (path) => {
      const { status, answer } = await send('GET', path);
      if (status === 404) return undefined;
      if (status !== 200) throw toRefusal('GET', path, status, answer);
      return answer;
    },
    list: async (path) => {
      const found: Members[] = [];
      for (let next = path; next !== '';) {
        const page = await expect('GET', next);
        found.push(...listAt(page, 'value').filter(isMembers));
        const { '@odata.nextLink': link } = page;
        next = typeof link === 'string' ? link : '';
      }
      return found;
    },
    write: expect,
  };
}

function toMembers(text: string): Members {
  try {
    const value: unknown = JSON.parse(text);
    return isMembers(value) ? value : {};
  } catch {
    return {};
  }
}

/** The service's own code, and none of its text. */
function toRefusal(method: string, path: string, status: number, answer: Members): GraphRefused {
  const code = /^\w{1,80}$/.exec(textAt(answer, 'error.code'))?.[0] ?? 'no code';
  const requestId = /^[\da-f-]{36}$/i.exec(textAt(at(answer, 'error.innerError'), 'request-id'))?.[0] ?? 'unknown';
  const said = `Microsoft Graph answered ${status} (${code}, request ${requestId}) to ${method} ${path}.`;
  return new GraphRefused(status, `${said} ${adviceFor(status, path)}`.trim());
}

function adviceFor(status: number, path: string): string {
  if (status === 401) return 'Sign in with "az login", to the tenant of the broker’s callers (--tenant).';
  if (status !== 403) return '';
  return path.includes('appRoleAssignedTo')
    ? 'Giving app roles takes the Entra role Privileged Role Administrator or Cloud Application Administrator.'
    : 'Registering takes the Entra role Application Developer, or Cloud Application Administrator for a registration of others.';
}

/** Reads as ever and writes nothing: `tell` is told of each write in its place. What would be new has no ids yet, and nothing under it. */
export function createDryRun(graph: Graph, tell: (line: string) => void): Graph {
  const isNew = (path: string) => path.includes(notYet);
  return {
    get: async (path) => (isNew(path) ? undefined : graph.get(path)),
    list: async (path) => (isNew(path) ? [] : graph.list(path)),
    write: async (method, path, body) => {
      tell(`${method} ${path} ${JSON.stringify(body)}`);
      return { ...body, id: notYet, appId: notYet };
    },
  };
}

const notYet = '(new)';
