import * as fc from 'fast-check';
import type { Parameter } from '../openapi/types.ts';
import { marker, type Case } from './case.ts';
import { matching } from './values.ts';

type Headers = Case['headers'];

/** What somebody signed in by the platform would have; anybody can write it. */
const forgedPrincipal = Buffer.from(
  JSON.stringify({
    auth_typ: 'aad',
    claims: [{ typ: 'roles', val: 'Operations.Write' }],
    name_typ: marker,
    role_typ: 'roles',
  }),
).toString('base64');

const stray = fc.constantFrom<Headers[number]>(
  ['Accept', '*/*'],
  ['Accept', 'application/json'],
  ['Accept', 'text/plain'],
  ['Accept', 'text/plain;q=0.1, application/json'],
  ['Accept', `${marker}/${marker}`],
  ['Accept', ';;;q=,'],
  ['Accept', ''],
  ['Accept', 'text/plain, '.repeat(500)],
  ['Accept-Encoding', 'gzip'],
  ['Content-Encoding', 'gzip'],
  ['Cookie', `AppServiceAuthSession=${marker}`],
  ['If-None-Match', '*'],
  ['If-Match', `"${marker}"`],
  ['Origin', `https://${marker}.example`],
  ['Range', 'bytes=0-1'],
  ['Sec-Fetch-Site', 'cross-site'],
  ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
  ['traceparent', marker],
  ['tracestate', `${marker}=${marker}`],
  ['X-Forwarded-For', marker],
  ['X-Forwarded-Host', `${marker}.example`],
  ['X-HTTP-Method-Override', 'DELETE'],
  ['X-MS-CLIENT-PRINCIPAL', forgedPrincipal],
  ['X-MS-CLIENT-PRINCIPAL', marker],
  ['X-MS-CLIENT-PRINCIPAL-ID', marker],
  ['X-Original-URL', '/v1/status'],
  ['X-Request-Id', marker],
  ['X-Zq7', '\u00e9\u00ff'],
  ['X-Zq7', marker.repeat(3_000)],
  ['X-Zq7', marker.repeat(20_000)],
);

/** What `Accept` may choose among, or is not there to choose. */
function acceptFor(mediaTypes: readonly string[]): fc.Arbitrary<Headers> {
  const chosen = mediaTypes.map((mediaType): Headers => [['Accept', mediaType]]);
  return fc.constantFrom<Headers[]>([], ...chosen);
}

/** The headers of an operation, as described but for now and then, among others that it should not heed. */
export function headersFor(
  parameters: readonly Parameter[],
  mediaTypes: readonly string[] = [],
): fc.Arbitrary<Headers> {
  const own = fc.tuple(...parameters.map(headerFor)).map((each) => each.flat());
  const others = fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(stray, { maxLength: 4 }) },
  );
  return fc.tuple(own, acceptFor(mediaTypes), others).map((each) => each.flat());
}

function headerFor({ name, schema, examples }: Parameter): fc.Arbitrary<Headers> {
  const known = Object.values(examples).map(({ value }) => String(value));
  const written = (value: fc.Arbitrary<string>) => value.map((each): Headers => [[name, each]]);
  const odd = fc.constantFrom(
    '',
    ' ',
    `${marker} ${marker}`,
    marker.repeat(100),
    '\u00e9',
    `${marker},${marker}`,
    '"quoted"',
  );
  return fc.oneof(
    { weight: 3, arbitrary: written(fc.constantFrom(...known)) },
    { weight: 6, arbitrary: written(matching(schema)) },
    { weight: 1, arbitrary: fc.constant<Headers>([]) },
    { weight: 1, arbitrary: written(odd) },
    {
      weight: 1,
      arbitrary: fc.constant<Headers>([
        [name, marker],
        [name, `${marker}2`],
      ]),
    },
  );
}
