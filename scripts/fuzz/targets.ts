import type { FuzzTarget } from './target.ts';
import { clientAnswer, clientPath } from './targets/client.ts';
import { config, environment } from './targets/config.ts';
import { keyTags, rotationRecord, tableTransaction } from './targets/record.ts';
import { principal, request, trace } from './targets/request.ts';
import { token } from './targets/token.ts';
import { certificate, jwks, portal, resourceManager, retryAfter, tokenEndpoint } from './targets/upstream.ts';

/** Everything that reads what others wrote. */
export const targets: readonly FuzzTarget[] = [
  token,
  principal,
  request,
  trace,
  config,
  environment,
  tokenEndpoint,
  jwks,
  resourceManager,
  portal,
  retryAfter,
  certificate,
  rotationRecord,
  keyTags,
  tableTransaction,
  clientAnswer,
  clientPath,
];
