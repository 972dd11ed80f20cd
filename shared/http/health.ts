import { BrokerError } from '../errors.ts';
import { jsonAnswer } from './answer.ts';
import type { Route } from './serve.ts';

/** `GET /healthz`: the process answers. */
export const healthRoute: Route = async () => jsonAnswer({ status: 'alive' });

/** `GET /readyz`: whether this instance can serve. Says no more than that. */
export function createReadyRoute(isReady: (signal: AbortSignal) => Promise<boolean>): Route {
  return async (_exchange, signal) => {
    if (!(await isReady(signal))) throw new BrokerError('not-ready');
    return jsonAnswer({ status: 'ready' });
  };
}
