import { headers, problemAnswer, problemAnswerAsJson, responseNameOf } from './answers.ts';
import { toOperations } from './describe.ts';
import { callerRoutes } from './operations/callers.ts';
import { operatorRoutes } from './operations/operators.ts';
import { publicRoutes } from './operations/public.ts';
import { sidecarRoutes } from './operations/sidecar.ts';
import { createSchemas } from './schemas.ts';
import type { OpenApiDocument, PathItem, Response } from './types.ts';

const routes = [...callerRoutes, ...sidecarRoutes, ...operatorRoutes, ...publicRoutes];

/** The OpenAPI document of the broker's HTTP interface: what `docs/openapi.json` holds and `/openapi.json` serves. */
export function createDocument(): OpenApiDocument {
  const paths: Record<string, PathItem> = {};
  for (const route of routes) paths[route.path] = { ...paths[route.path], ...toOperations(route) };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Token broker',
      // The interface's, which the paths carry; not the deployment's.
      version: '1',
      license: { name: 'MIT', identifier: 'MIT' },
      description,
    },
    servers: [{ url: '/', description: 'The broker that serves this document.' }],
    tags,
    paths,
    components: { schemas: createSchemas(), headers, responses: createResponses(paths), securitySchemes },
    'x-undescribed': { method: problemAnswerAsJson(405), path: problemAnswer(404) },
  };
}

/** Those that an operation names. */
function createResponses(paths: OpenApiDocument['paths']): Record<string, Response> {
  const operations = Object.values(paths).flatMap((item) => Object.values(item));
  const statuses = operations.flatMap(({ responses }) =>
    Object.entries(responses).flatMap(([status, response]) => ('$ref' in response ? [Number(status)] : [])),
  );
  const used = Array.from(new Set(statuses)).toSorted((a, b) => a - b);
  return Object.fromEntries(used.map((status) => [responseNameOf(status), problemAnswer(status)]));
}

const description = `Hands short-lived API headers to trusted internal services, and rotates the keys behind them.

Every answer carries \`Cache-Control: no-store\`, \`Pragma: no-cache\`, \`X-Content-Type-Options: nosniff\` and an \`X-Request-Id\`. Every error is an RFC 9457
problem document: programs go by its \`code\`, and \`/docs/problems.md\` says what each means. A path that is described here answers 405 with \`Allow\` to a
method that is not, \`OPTIONS\` among them; any other path answers 404 (\`x-undescribed\`). Paths are matched without regard to case, and one slash at the
end does not count. A query parameter that is not described, or stands twice, is refused by every route that takes a token.

\`/v1/call/{api}/{path}\` is not described: it takes every method and any path, and answers as the API does that it calls. \`docs/call.md\` has it.

What the platform itself refuses has no body and none of these headers: 400 for what is no HTTP, 404 for a method such as \`TRACE\`, 413 above 5 MB,
431 for headers above 32 KB.`;

const tags = [
  { name: 'Callers', description: 'For internal services, with the app role `Headers.Read`.' },
  {
    name: 'Sidecar',
    description:
      'For internal services that have used a sidecar of the Microsoft Entra ID Auth SDK, with the app role `Headers.Read`. Problems are `application/json` for who does not take `application/problem+json`. `docs/sidecar.md` says what differs.',
  },
  { name: 'Operators', description: 'For the platform team, with `Operations.Read` or `Operations.Write`.' },
  { name: 'Anyone', description: 'Without a token. Tells nothing of the deployment.' },
];

const securitySchemes = {
  entra: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'An Entra v2.0 access token for the broker, signed by its tenant, with the app role that stands beside the scheme (`Operations.Write` includes `Operations.Read`). Callers: app-only. Operators: app-only or a person’s.',
  },
  appService: {
    type: 'apiKey',
    in: 'cookie',
    name: 'AppServiceAuthSession',
    description:
      'A person’s session of App Service authentication, where it is on. What changes something needs `Idempotency-Key` and `Content-Type: application/json` with it.',
  },
};
