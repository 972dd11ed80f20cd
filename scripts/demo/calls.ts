import type { Asked, HeaderSet } from './load.ts';

/** What the callers call, over real sockets. */
export type Calls = {
  ask(caller: string, api: string): Promise<Asked>;
  use(gateway: number, set: HeaderSet): Promise<number>;
};

/** Nothing here takes longer, unless something is wrong. */
const limitMs = 10_000;

/** @param tokens each caller's own, by its name. */
export function createCalls(
  broker: string,
  gateways: readonly string[],
  tokens: Readonly<Record<string, string>>,
): Calls {
  return {
    ask: async (caller, api) => {
      try {
        const response = await fetch(`${broker}/v1/headers/${api}`, {
          headers: { Authorization: `Bearer ${tokens[caller]}` },
          signal: AbortSignal.timeout(limitMs),
        });
        const answer: { id: string; headers: Record<string, string>; expiresOn: string } = JSON.parse(
          await response.text(),
        );
        if (response.status !== 200) return { status: response.status };
        const { id, headers, expiresOn } = answer;
        return { id, api, headers, expiresOn: Date.parse(expiresOn) };
      } catch {
        return 'unreachable';
      }
    },
    use: async (gateway, { api, headers }) => {
      try {
        const response = await fetch(`${gateways[gateway]}/${api}/ping`, {
          headers,
          signal: AbortSignal.timeout(limitMs),
        });
        await response.arrayBuffer();
        return response.status;
      } catch {
        return 0;
      }
    },
  };
}

type RequestCount = { target: string; method: string; path: string; status: number; count: number };

/** The stack's control address. */
export type Control = {
  /** A caller's own token. */
  tokenOf(caller: string): Promise<string>;
  /** Any token, as `POST /token` takes it. */
  mint(spec: object): Promise<string>;
  steer(path: string, body: object): Promise<void>;
  counts(): Promise<readonly RequestCount[]>;
};

export function createControl(address: string): Control {
  const call = async (path: string, init?: RequestInit): Promise<Response> => {
    const response = await fetch(`${address}${path}`, { ...init, signal: AbortSignal.timeout(limitMs) });
    if (!response.ok) throw new Error(`The control address answers ${response.status} to ${path}.`);
    return response;
  };
  const post = (path: string, body: object) =>
    call(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

  const mint = async (spec: object): Promise<string> => {
    const { token }: { token: string } = JSON.parse(await (await post('/token', spec)).text());
    return token;
  };

  return {
    mint,
    tokenOf: (caller) => mint({ caller }),
    steer: async (path, body) => void (await (await post(path, body)).arrayBuffer()),
    counts: async () => JSON.parse(await (await call('/requests')).text()),
  };
}
