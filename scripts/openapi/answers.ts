import { STATUS_CODES } from 'node:http';
import { commonHeaders } from '../../shared/http/answer.ts';
import { problemKinds } from '../../shared/http/problems.ts';
import type { Code } from '../../shared/errors.ts';
import { schemaOf, type SchemaName } from './schemas.ts';
import type { Examples, Header, MediaType, Response } from './types.ts';

/** `components.headers`: those that stand on every answer. */
export const headers: Readonly<Record<string, Header>> = {
  ...Object.fromEntries(
    Object.entries(commonHeaders).map(([name, value]) => [
      name,
      { description: `Always \`${value}\`.`, required: true, schema: { const: value } },
    ]),
  ),
  'X-Request-Id': {
    description: 'Names the request in audit records and logs.',
    required: true,
    schema: { type: 'string', format: 'uuid' },
  },
};

const onEveryAnswer = Object.fromEntries(
  Object.keys(headers).map((name) => [name, { $ref: `#/components/headers/${name}` }]),
);

const text = (description: string, pattern: string): Header => ({
  description,
  required: true,
  schema: { type: 'string', pattern },
});

/** What stands on problems of one status beside that. */
const headersOfProblems: Readonly<Record<number, Readonly<Record<string, Header>>>> = {
  401: { 'WWW-Authenticate': text('The challenge of RFC 6750.', '^Bearer realm="token-broker"') },
  405: { Allow: text('The methods that the path takes.', '^[A-Z]+(, [A-Z]+)*$') },
  429: retryAfter('Until the caller may ask again.'),
  502: retryAfter('Until the broker itself tries again.'),
  503: retryAfter('Until it is worth asking again.'),
};

function retryAfter(description: string): Record<string, Header> {
  const schema = { type: 'integer', minimum: 1, maximum: 3_600 };
  return { 'Retry-After': { description: `${description} In seconds.`, required: true, schema } };
}

/** An answer that is no problem. */
export function answer(
  description: string,
  content: Readonly<Record<string, MediaType>>,
  more: Readonly<Record<string, Header>> = {},
): Response {
  return { description, headers: { ...onEveryAnswer, ...more }, content };
}

export function jsonAnswer(description: string, schema: SchemaName, examples?: Examples): Response {
  return answer(description, { 'application/json': { schema: schemaOf(schema), ...(examples && { examples }) } });
}

export function textAnswer(description: string, ...mediaTypes: [string, ...string[]]): Response {
  const content = mediaTypes.map((mediaType) => [mediaType, { schema: { type: 'string' } }] as const);
  return answer(description, Object.fromEntries(content));
}

/** The statuses of some codes, in order, each once. */
export function statusesOf(codes: readonly Code[]): number[] {
  return Array.from(new Set(codes.map((code) => problemKinds[code].status))).toSorted((a, b) => a - b);
}

/** What names the answer of a status in `components.responses`: `TooManyRequests`. */
export function responseNameOf(status: number): string {
  return (STATUS_CODES[status] ?? String(status)).replaceAll(/[^A-Za-z]/g, '');
}

/** The problem document of a status, with the codes that it can have. */
export function problemAnswer(status: number): Response {
  const kinds = Object.entries(problemKinds).filter(([, kind]) => kind.status === status);
  const codes = kinds.map(([code]) => code);
  const examples = kinds.map(([code, { title, detail }]) => {
    const value = { type: `/docs/problems.md#${code}`, title, status, detail, code, requestId };
    return [code, { summary: title, value }] as const;
  });
  const schema = { ...schemaOf('Problem'), properties: { status: { const: status }, code: { enum: codes } } };
  const titles = kinds.map(([code, { title }]) => `\`${code}\`: ${title}.`);
  return answer(
    titles.join(' '),
    { 'application/problem+json': { schema, examples: Object.fromEntries(examples) } },
    headersOfProblems[status],
  );
}

/** The same, as plain JSON for a client that takes nothing else. */
export function problemAnswerAsJson(status: number): Response {
  const { content, ...problem } = problemAnswer(status);
  const [media] = Object.values(content ?? {});
  return { ...problem, content: { ...content, ...(media && { 'application/json': media }) } };
}

const requestId = '0b7c3a0e-5c4d-4f27-9e63-3b0c5b8d2f1a';
