import document from '../../docs/openapi.json' with { type: 'json' };
import { jsonAnswer } from './answer.ts';
import type { Route } from './serve.ts';

/** `GET /openapi.json`: the generated document, which is part of the bundle. */
export function createOpenApiRoute(): Route {
  // Written out when it is first asked for: a cold start is no time to do it.
  let answer: ReturnType<typeof jsonAnswer> | undefined;
  return async () => (answer ??= jsonAnswer(document));
}
