import Ajv from 'ajv/dist/2020.js';
import type { OpenApiDocument, Response, Schema } from '../openapi/types.ts';
import type { Answer } from './send.ts';

/** What is wrong with an answer, by a response that the document describes. Empty where nothing is. */
export type ValidateResponse = (response: Response, answer: Answer, isHead: boolean) => string[];

const formats = {
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
  uuid: /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i,
};

/** Validates headers, media type and body of answers by the document's schemas. */
export function createValidator({ components }: OpenApiDocument): ValidateResponse {
  const ajv = new Ajv.Ajv2020({ strict: false, formats });
  const compiled = new Map<Schema, ReturnType<typeof ajv.compile>>();

  const check = (what: string, schema: Schema, value: unknown): string[] => {
    let validate = compiled.get(schema);
    // With the components, so that references within the document lead there.
    if (!validate) compiled.set(schema, (validate = ajv.compile({ ...schema, components })));
    if (validate(value)) return [];
    return [`${what} is not as described: ${ajv.errorsText(validate.errors, { dataVar: '', separator: '; ' })}`];
  };

  const checkHeaders = ({ headers }: Response, answer: Answer): string[] =>
    Object.entries(headers).flatMap(([name, given]) => {
      const header = '$ref' in given ? components.headers[given.$ref.split('/').at(-1) ?? ''] : given;
      const value = answer.headers[name.toLowerCase()];
      if (value === undefined) return header?.required ? [`${name} is missing`] : [];
      const isNumber = header?.schema['type'] === 'integer';
      return header ? check(name, header.schema, isNumber ? Number(value) : value) : [`${name} leads nowhere`];
    });

  const checkBody = ({ content = {} }: Response, answer: Answer, isHead: boolean): string[] => {
    if (Object.keys(content).length === 0) return answer.body === '' ? [] : ['there is a body, and none is described'];
    const type = answer.headers['content-type']?.split(';')[0] ?? 'none';
    const media = content[type];
    if (!media) return [`the media type ${type} is not described`];
    if (isHead) return answer.body === '' ? [] : ['there is a body to HEAD'];
    if (!/[/+]json$/.test(type)) return check('the body', media.schema, answer.body);
    const parsed = parse(answer.body);
    return parsed ? check('the body', media.schema, parsed.value) : ['the body is no JSON'];
  };

  return (response, answer, isHead) => [...checkHeaders(response, answer), ...checkBody(response, answer, isHead)];
}

function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
