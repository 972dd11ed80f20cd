import type { HeaderList } from './ports.ts';

/** RFC 9110, section 7.6.1, and what stood in its predecessors: of one connection, and not of the message. */
const hopByHop = [
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'trailers',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'content-length',
];
/** Whoever has these is somebody. */
const credentials = [
  'authorization',
  'authentication-info',
  'cookie',
  'cookie2',
  'set-cookie',
  'set-cookie2',
  'ocp-apim-subscription-key',
  'ocp-apim-trace',
  'apim-debug-authorization',
  'api-key',
  'x-api-key',
];

/** What a caller sends to the broker, or the platform adds, and the API must not see or believe. */
const notToApi = new Set([
  ...hopByHop,
  ...credentials,
  'host',
  'expect',
  'accept-encoding',
  // An answer in another charset, or in parts of which none holds the whole, could not be looked through either.
  'accept-charset',
  'range',
  'if-range',
  'forwarded',
  'via',
  'client-ip',
  'x-client-ip',
  'x-real-ip',
  'true-client-ip',
  'disguised-host',
  'was-default-hostname',
  'x-site-deployment-id',
  'x-original-url',
  'x-rewrite-url',
  'x-original-host',
  'x-host',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-request-id',
  'max-forwards',
  // An API's trace is the broker's, which goes on with the caller's.
  'traceparent',
  'tracestate',
]);
const prefixesNotToApi =
  /^(proxy-|x-forwarded-|x-ms-client-principal|x-ms-token-|x-functions-|x-arr-|x-waws-|x-azure-)/;

/** What an API says of its own connection and origin, or what the broker says itself. */
const notFromApi = new Set([
  ...hopByHop,
  ...credentials,
  'ocp-apim-trace-location',
  'cache-control',
  'pragma',
  'expires',
  'age',
  'x-content-type-options',
  'x-request-id',
  'strict-transport-security',
  'alt-svc',
  'clear-site-data',
  'service-worker-allowed',
  'report-to',
  'reporting-endpoints',
  'nel',
]);
const prefixesNotFromApi = /^(proxy-|access-control-|x-ms-client-principal|x-ms-token-|x-functions-)/;

const via = '1.1 token-broker';

/** The headers of a caller's request as the API is sent them, without credentials. */
export function toApiHeaders(headers: HeaderList): HeaderList {
  const named = namedByConnection(headers);
  const kept = headers.filter(
    ([name]) => !notToApi.has(name) && !prefixesNotToApi.test(name) && !named.has(name) && !name.includes('_'),
  );
  // What is encoded could not be looked through for a credential.
  return [...kept, ['accept-encoding', 'identity'], ['via', via]];
}

/** The headers of an API's answer as the caller is sent them. */
export function fromApiHeaders(headers: HeaderList): Record<string, string> {
  const named = namedByConnection(headers);
  const kept: Record<string, string> = Object.create(null);
  for (const [name, value] of headers) {
    if (notFromApi.has(name) || prefixesNotFromApi.test(name) || named.has(name)) continue;
    kept[name] = kept[name] === undefined ? value : `${kept[name]}, ${value}`;
  }
  return { ...kept, via: kept['via'] === undefined ? via : `${kept['via']}, ${via}` };
}

function namedByConnection(headers: HeaderList): ReadonlySet<string> {
  const values = headers.flatMap(([name, value]) => (name === 'connection' ? value.split(',') : []));
  return new Set(values.map((name) => name.trim().toLowerCase()));
}
