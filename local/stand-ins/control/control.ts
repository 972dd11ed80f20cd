import type { Counts } from '../counts.ts';
import type { Entra } from '../entra/entra.ts';
import type { Faults } from '../faults.ts';
import { answerOf, openServer, readRequest, send } from '../http.ts';
import type { Handle, StandIn, StandInRequest, StandInResponse } from '../http.ts';
import { faultRoutes } from './fault-routes.ts';
import { requestRoutes } from './request-routes.ts';
import { refuse } from './route.ts';
import type { Answer, Routes } from './route.ts';
import { steeringRoutes } from './steering-routes.ts';
import type { Steerable } from './steering-routes.ts';
import { tokenRoutes } from './token-routes.ts';
import type { TokenRoutesOptions } from './token-routes.ts';

/** What `createControl` takes. `ready` gives the ready line. */
export type ControlOptions = Steerable &
  TokenRoutesOptions & {
    entra: Pick<Entra, 'mint' | 'steer'>;
    faults: Faults;
    counts: Counts;
    ready: () => object;
    /** The app settings of a broker on this stack. */
    settings: () => object;
  };

/** The control address: JSON in and out, `{ "error": "<reason>" }` for what it refuses. */
export function createControl(options: ControlOptions): Handle {
  const routes: Routes = {
    '/': { GET: () => ({ status: 200, body: options.ready() }) },
    '/settings': { GET: () => ({ status: 200, body: options.settings() }) },
    ...requestRoutes(options.counts),
    ...faultRoutes(options.faults),
    ...tokenRoutes(options),
    ...steeringRoutes(options),
  };
  return (request) => dispatch(routes, request);
}

/** Serves the control address on 127.0.0.1, plain HTTP; its requests are not counted and meet no faults. */
export function serveControl({ handle, port = 0 }: { handle: Handle; port?: number }): Promise<StandIn> {
  return openServer(
    (incoming, outgoing) => {
      readRequest(incoming, { scheme: 'http' })
        .then(async (request) => send(outgoing, 'status' in request ? request : await answerOf(handle, request)))
        .catch(() => outgoing.destroy());
    },
    { port },
  );
}

/** `curl -d` calls everything a form. */
const jsonTypes = /^application\/(json|x-www-form-urlencoded) *(;|$)/i;

async function dispatch(routes: Routes, request: StandInRequest): Promise<StandInResponse> {
  const { method, url } = request;
  const [, first = '', name, ...rest] = url.pathname.split('/');
  const isKnown = rest.length === 0 && name !== '';
  const methods = isKnown ? routes[name === undefined ? `/${first}` : `/${first}/*`] : undefined;
  if (!methods) return refuse('there is no such path', 404);
  const answer = Object.entries(methods).find(([each]) => each === method)?.[1];
  if (!answer)
    return {
      ...refuse('this path does not take that method', 405),
      headers: { Allow: Object.keys(methods).join(', ') },
    };
  return call(answer, request, name ?? '');
}

async function call(answer: Answer, { method, headers, body }: StandInRequest, name: string): Promise<StandInResponse> {
  const decoded = decode(name);
  if (decoded === undefined) return refuse('the path is not well encoded');
  if (method !== 'POST') return answer({ body: undefined, name: decoded });
  const { 'content-type': type = 'application/json' } = headers;
  if (!jsonTypes.test(type)) return refuse('send JSON, as application/json', 415);
  const json = parse(body);
  return json === undefined ? refuse('the body is no JSON') : answer({ body: json, name: decoded });
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
