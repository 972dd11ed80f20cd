import * as fc from 'fast-check';
import type { Parameter } from '../openapi/types.ts';
import { marker } from './case.ts';
import { matching } from './values.ts';

/** One part of a path that should not be one. */
const oddSegment = fc.oneof(
  fc.constantFrom(
    '',
    '.',
    '..',
    '%2e%2e',
    '%2F',
    `core%2F${marker}`,
    '%00',
    '%FF',
    '%',
    '%zz',
    '%F0%9F%92%A9',
    '%0D%0AX-Zq7:%20zq7',
    'CORE',
    'core;a=b',
    '__proto__',
    'constructor',
    '{api}',
    `${marker}@`,
    `${marker}:1`,
    'a'.repeat(63),
    'a'.repeat(64),
    marker.repeat(1_000),
  ),
  fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => encodeURIComponent(marker + text.toWellFormed())),
);

/** What becomes of a path on its way: most often nothing. */
const changes: readonly ((path: string) => string)[] = [
  (path) => `${path}/`,
  (path) => `${path}//`,
  (path) => `/${path}`,
  (path) => path.toUpperCase(),
  (path) => `/.${path}`,
  (path) => `/${marker}/..${path}`,
  (path) => `/%2e%2e${path}`,
  (path) => `${path}/${marker}`,
  (path) => path.replaceAll('a', '%61'),
  (path) => path.replaceAll('/', '%2F').replace('%2F', '/'),
  (path) => path.replaceAll('/', '\\').replace('\\', '/'),
  (path) => `http://${marker}.example${path}`,
  (path) => `${path};${marker}=1`,
  (path) => `${path}#${marker}`,
];

/** A path of the document, its parts filled in. */
export function pathFor(path: string, parameters: readonly Parameter[]): fc.Arbitrary<string> {
  const segments = path.split('/').map((segment) => {
    const parameter = parameters.find(({ name }) => segment === `{${name}}`);
    return parameter ? partFor(parameter) : fc.constant(segment);
  });
  const filled = fc.tuple(...segments).map((parts) => parts.join('/'));
  const changed = fc.tuple(filled, fc.constantFrom(...changes)).map(([each, change]) => change(each));
  return fc.oneof({ weight: 12, arbitrary: filled }, { weight: 1, arbitrary: changed });
}

function partFor({ schema, examples }: Parameter): fc.Arbitrary<string> {
  const known = Object.values(examples).map(({ value }) => encodeURIComponent(String(value)));
  return fc.oneof(
    { weight: 24, arbitrary: fc.constantFrom(...known) },
    { weight: 1, arbitrary: matching(schema) },
    { weight: 2, arbitrary: oddSegment },
  );
}

/** A path that the document does not describe, or hardly. */
export const strayPath = fc.oneof(
  fc.constantFrom(
    '/',
    '//',
    '/v1',
    '/v1/',
    '/v2/headers/core',
    '/docs',
    '/docs/openapi.json',
    '/.env',
    '/runtime/webhooks',
    '/.well-known/openid-configuration',
    `/?${marker}`,
    '/%',
    '/%00',
    '*',
    `/${marker}/%2e%2e/%2e%2e/etc/passwd`,
    `/${marker.repeat(2_000)}`,
  ),
  fc.array(oddSegment, { minLength: 1, maxLength: 6 }).map((segments) => `/${segments.join('/')}`),
);
