import type { Operation } from '../openapi/types.ts';

/** How a request proves who asks: which token, what it is good for, and how it stands in the request. */
type Kind = {
  /** As `POST /token` of the control address takes it. Without one, no token is had. */
  readonly spec?: object;
  /** The app roles that it proves. A spoilt one proves none. */
  readonly roles: readonly string[];
  /** `Authorization` headers. One, `Bearer <token>`, unless said otherwise. */
  readonly write?: (token: string) => string[];
};

const headersRead = ['Headers.Read'];
const [read, write] = ['Operations.Read', 'Operations.Write'];

export const kinds: Readonly<Record<string, Kind>> = {
  billing: { spec: { caller: 'billing' }, roles: headersRead },
  reporting: { spec: { caller: 'reporting' }, roles: headersRead },
  platform: { spec: { caller: 'platform' }, roles: [read, write] },
  auditor: { spec: { caller: 'auditor' }, roles: [read] },
  person: { spec: { caller: 'auditor', claims: { idtyp: 'user', scp: 'user_impersonation' } }, roles: [read] },
  lowerCase: { spec: { caller: 'billing' }, roles: headersRead, write: (token) => [`bearer ${token}`] },
  none: { roles: [], write: () => [] },
  stranger: { spec: { caller: 'stranger' }, roles: [] },
  withoutRole: { spec: { caller: 'billing', claims: { roles: null } }, roles: [] },
  expired: { spec: { caller: 'platform', claims: { exp: 1_700_000_000 } }, roles: [] },
  elsewhere: { spec: { caller: 'platform', claims: { aud: 'api://other' } }, roles: [] },
  otherTenant: { spec: { caller: 'platform', claims: { tid: 'a53d724c-15ea-4469-a987-82a5b30ec167' } }, roles: [] },
  oldVersion: { spec: { caller: 'platform', claims: { ver: '1.0' } }, roles: [] },
  attacker: { spec: { caller: 'platform', key: 'attacker' }, roles: [] },
  unsigned: { spec: { caller: 'platform', key: 'none' }, roles: [] },
  weak: { spec: { caller: 'platform', key: 'weak' }, roles: [] },
  twice: { spec: { caller: 'platform' }, roles: [], write: (token) => [`Bearer ${token}`, `Bearer ${token}`] },
  basic: { roles: [], write: () => ['Basic enE3OnpxNw=='] },
  empty: { roles: [], write: () => [''] },
  garbled: { roles: [], write: () => ['Bearer zq7.zq7.zq7'] },
  long: { roles: [], write: () => [`Bearer ${'zq7'.repeat(6_000)}`] },
};

/** Whether a kind may be answered anything but a problem. `Operations.Write` includes `Operations.Read`. */
export function mayPass(kind: string, { security }: Operation): boolean {
  const roles = kinds[kind]?.roles ?? [];
  return security.length === 0 || security.some(({ entra }) => entra?.every((role) => roles.includes(role)) ?? false);
}

/** The kinds that an operation takes. */
export function kindsFor(operation: Operation): string[] {
  return Object.keys(kinds).filter((kind) => mayPass(kind, operation));
}

const asBearer = (token: string) => [`Bearer ${token}`];

/** The `Authorization` headers of each kind, from the stack's control address. */
export async function acquireTokens(control: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const written = Object.entries(kinds).map(async ([name, { spec, write: toHeaders = asBearer }]) => {
    const token = spec ? await ask(control, spec) : '';
    return [name, toHeaders(token)] as const;
  });
  return new Map(await Promise.all(written));
}

async function ask(control: string, spec: object): Promise<string> {
  const response = await fetch(`${control}/token`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(spec),
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) throw new Error(`The control address answers ${response.status} to POST /token.`);
  const { token } = (await response.json()) as { token: string };
  return token;
}

/** The `Authorization` headers of a kind, for a shell that has them from the control address, in double quotes. */
export function authorizationsForShell(control: string, kind: string): string[] {
  const { spec, write: toHeaders = asBearer } = kinds[kind] ?? { roles: [] };
  return toHeaders(`$(curl -s ${control}/token --json '${JSON.stringify(spec)}' | cut -d'"' -f4)`);
}
