import * as fc from 'fast-check';
import type { Operation } from '../openapi/types.ts';
import { marker, type Body, type Case } from './case.ts';

type WithHeaders = { readonly body: Body; readonly headers: Case['headers'] };

const jsonType = 'application/json';
const once = (text: string): Body => ({ text, times: 1 });
const latin1 = (text: string) => Buffer.from(text).toString('latin1');

/** What is no JSON object, or hardly one. */
const odd = fc.constantFrom<Body>(
  once(''),
  once(' '),
  once('null'),
  once('true'),
  once('[]'),
  once('{}'),
  once('1e999'),
  once(`"${marker}"`),
  once(`{"${marker}"`),
  once(`{"reason":"${marker}",}`),
  once(`{"reason":"${marker}"} {}`),
  once(`{"reason":"${marker}","reason":"${marker}"}`),
  once(`{"__proto__":{"reason":"${marker}"}}`),
  once(`{"reason":"${marker}\\u0000"}`),
  once(`{"reason":"\\ud800"}`),
  once('\u00ff\u00fe{\0}\0'),
  once('\u00ef\u00bb\u00bf{"reason":"x"}'),
  once(`{"reason":"\u00c3\u0028"}`),
  once(`reason=${marker}`),
  once(`<reason>${marker}</reason>`),
  { text: '[', times: 100_000 },
  { text: '{"reason":', times: 20_000 },
  { text: `"${marker}`, times: 2_000 },
  { text: marker, times: 300_000 },
);

const oddValue = fc.constantFrom<unknown>(
  null,
  0,
  -1,
  true,
  '',
  ' ',
  [],
  {},
  ['reason'],
  { toString: marker },
  `${marker}\n${marker}`,
  `${marker}\u202e`,
  marker.repeat(100),
  marker.repeat(100_000),
);

const mediaTypes = fc.oneof(
  { weight: 8, arbitrary: fc.constant(jsonType) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      `${jsonType}; charset=utf-8`,
      `${jsonType}; charset=utf-7`,
      'text/plain',
      'text/json',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      marker,
      '',
    ),
  },
);

/** A body for an operation: as described but for now and then; none, but for now and then, where it takes none. */
export function bodyFor({ requestBody }: Operation): fc.Arbitrary<WithHeaders | undefined> {
  const examples = Object.values(requestBody?.content[jsonType]?.examples ?? {}).map(
    ({ value }) => Object(value) as object,
  );
  const spoilt = withType(odd);
  if (examples.length === 0) {
    return fc.oneof({ weight: 12, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: spoilt });
  }
  const example = fc.constantFrom(...examples);
  return fc.oneof(
    { weight: 10, arbitrary: withType(example.map(toBody)) },
    { weight: 3, arbitrary: withType(changed(example).map(toBody)) },
    { weight: 3, arbitrary: spoilt },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

function withType(body: fc.Arbitrary<Body>): fc.Arbitrary<WithHeaders> {
  return fc
    .record({ body, type: fc.option(mediaTypes, { freq: 20, nil: undefined }) })
    .map(({ body: made, type }) => ({ body: made, headers: type === undefined ? [] : [['Content-Type', type]] }));
}

const toBody = (value: object): Body => once(latin1(JSON.stringify(value)));

/** An example without a member, with one more, or with one that is something else. */
function changed(example: fc.Arbitrary<object>): fc.Arbitrary<object> {
  return fc
    .tuple(example, fc.nat(), fc.constantFrom('less', 'more', 'other'), oddValue)
    .map(([value, at, how, other]) => {
      if (how === 'more') return { ...value, [marker]: other };
      const entries = Object.entries(value);
      const index = at % Math.max(1, entries.length);
      if (how === 'less') return Object.fromEntries(entries.toSpliced(index, 1));
      return Object.fromEntries(entries.map(([name, own], each) => [name, each === index ? other : own]));
    });
}
