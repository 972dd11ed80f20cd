import * as fc from 'fast-check';
import type { OpenApiDocument, Operation, Parameter, PathItem } from '../openapi/types.ts';
import { bodyFor } from './bodies.ts';
import { marker, type Body, type Case } from './case.ts';
import { headersFor } from './headers.ts';
import { pathFor, strayPath } from './paths.ts';
import { kinds, kindsFor } from './tokens.ts';
import { matching } from './values.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'];
const aMethod = fc.constantFrom(...methods);
const aKind = fc.constantFrom(...Object.keys(kinds));

/**
 * Requests made from a document: most are aimed at one of its operations, with each part as described or, less often, in one of the ways in
 * which it should not be; some go nowhere.
 */
export function caseOf({ paths }: OpenApiDocument): fc.Arbitrary<Case> {
  const aimed = Object.entries(paths).flatMap(([path, item]) => aimedAt(path, item));
  const stray = fc.record<Case>({
    method: aMethod,
    target: strayPath,
    token: aKind,
    headers: headersFor([]),
    body: fc.constant(undefined),
  });
  return fc.oneof({ weight: 12, arbitrary: fc.oneof(...aimed) }, { weight: 1, arbitrary: stray });
}

/** What takes a token has more to it than what does not. */
function aimedAt(path: string, item: PathItem): fc.WeightedArbitrary<Case>[] {
  return Object.entries(item).map(([method, operation]) => ({
    weight: operation.security.length > 0 ? 4 : 1,
    arbitrary: caseFor(path, method.toUpperCase(), operation),
  }));
}

function caseFor(path: string, method: string, operation: Operation): fc.Arbitrary<Case> {
  const { parameters } = operation;
  const placed = (place: Parameter['in']) => parameters.filter((parameter) => parameter.in === place);
  return fc
    .record({
      method: fc.oneof({ weight: 12, arbitrary: fc.constant(method) }, { weight: 1, arbitrary: aMethod }),
      path: pathFor(path, placed('path')),
      query: queryFor(placed('query')),
      token: fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...kindsFor(operation)) },
        { weight: 1, arbitrary: aKind },
      ),
      headers: headersFor(placed('header'), mediaTypesOf(operation)),
      body: bodyFor(operation),
    })
    .map(({ path: made, query, body, headers, ...rest }) => ({
      ...rest,
      target: `${made}${query}`,
      headers: body ? [...headers, ...body.headers] : headers,
      body: body?.body satisfies Body | undefined,
    }));
}

function mediaTypesOf({ responses }: Operation): string[] {
  const good = responses['200'];
  return good && !('$ref' in good) ? Object.keys(good.content ?? {}) : [];
}

/** The query, with its mark; as described, but for now and then. */
function queryFor(parameters: readonly Parameter[]): fc.Arbitrary<string> {
  const pairs = fc
    .tuple(...parameters.map(pairsOf))
    .map((each) => each.flat())
    .chain((asDescribed) =>
      fc.oneof(
        { weight: 8, arbitrary: fc.constant(asDescribed) },
        { weight: 1, arbitrary: fc.constant([...asDescribed, ...asDescribed]) },
        { weight: 1, arbitrary: strayPair.map((pair) => [...asDescribed, pair]) },
      ),
    );
  return pairs.map((each) => (each.length === 0 ? '' : `?${each.join('&')}`));
}

const strayPair = fc.constantFrom(
  `${marker}=1`,
  `code=${marker}`,
  '',
  '=',
  '&&',
  `__proto__=${marker}`,
  `access%00=${marker}`,
  `%zz=${marker}`,
  `${marker}%F0%9F%92%A9=%FF`,
  `access[]=${marker}`,
  `${marker}=${'a'.repeat(4_000)}`,
);

/** One parameter of the query: absent, an example, or something that it should not be. */
function pairsOf({ name, required, schema, examples }: Parameter): fc.Arbitrary<string[]> {
  const known = Object.values(examples).map(({ value }) => encodeURIComponent(String(value)));
  const asDescribed = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...known) },
    { weight: 1, arbitrary: matching(schema) },
  );
  const odd = fc.constantFrom(
    '',
    marker,
    `${marker}%00`,
    '%FF',
    '-1',
    '0',
    '99999999999999999999',
    '1e9',
    'null',
    'P1D',
    '%2e%2e',
  );
  const written = (value: fc.Arbitrary<string>) => value.map((each) => [`${name}=${each}`]);
  return fc.oneof(
    { weight: required ? 8 : 3, arbitrary: written(asDescribed) },
    { weight: required ? 1 : 5, arbitrary: fc.constant<string[]>([]) },
    { weight: 1, arbitrary: written(odd) },
    { weight: 1, arbitrary: fc.constant<string[]>([`${name.toUpperCase()}=${marker}`]) },
  );
}
