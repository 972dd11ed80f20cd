import type * as z from 'zod/mini';
import type { Code } from '../../shared/errors.ts';
import { problemAnswerAsJson, responseNameOf, statusesOf } from './answers.ts';
import { inlineSchemaOf, schemaOf, type SchemaName } from './schemas.ts';
import type { Example, Examples, Method, Operation, Parameter, RequestBody, Response } from './types.ts';

/** Who may call: with which app role, or without any token. */
type Audience = 'anyone' | 'caller' | 'reader' | 'writer';

/** What the table says of one route. */
export type Described = {
  readonly path: string;
  readonly method: Exclude<Method, 'head'>;
  /** Whether HEAD is answered as well. */
  readonly takesHead?: true;
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  readonly description: string;
  readonly who: Audience;
  readonly parameters?: readonly Parameter[];
  readonly body?: { readonly schema: SchemaName; readonly examples: Examples; readonly isOptional?: true };
  /** Whether its problems are plain JSON for who takes nothing else. */
  readonly isForPlainJson?: true;
  /** By status. */
  readonly answers: Readonly<Record<number, Response>>;
  /** Problems beside those that all routes for this audience have. */
  readonly codes?: readonly Code[];
};

const ofAuthenticated: readonly Code[] = [
  'invalid-request',
  'missing-token',
  'invalid-token',
  'forbidden',
  'too-many-requests',
  'internal-error',
  'upstream-unavailable',
];
const codesOf: Readonly<Record<Audience, readonly Code[]>> = {
  anyone: ['internal-error'],
  caller: ofAuthenticated,
  reader: ofAuthenticated,
  writer: ofAuthenticated,
};

const securityOf: Readonly<Record<Audience, Operation['security']>> = {
  anyone: [],
  caller: [{ entra: ['Headers.Read'] }],
  reader: [{ entra: ['Operations.Read'] }, { appService: ['Operations.Read'] }],
  writer: [{ entra: ['Operations.Write'] }, { appService: ['Operations.Write'] }],
};

/** A route's operations: its own, and HEAD where it is answered. */
export function toOperations(described: Described): Partial<Record<Method, Operation>> {
  const { method, takesHead, id } = described;
  const operation = toOperation(described);
  if (!takesHead) return { [method]: operation };
  const head = {
    ...operation,
    operationId: `${id}Head`,
    summary: `${operation.summary}: its headers alone`,
    description: 'What GET answers, without the body.',
  };
  return { [method]: operation, head };
}

function toOperation({ id, tag, summary, description, who, parameters = [], ...rest }: Described): Operation {
  const { body, answers, codes = [], isForPlainJson } = rest;
  const problems = statusesOf([...codesOf[who], ...codes]).map((status) => [
    status,
    isForPlainJson ? problemAnswerAsJson(status) : { $ref: `#/components/responses/${responseNameOf(status)}` },
  ]);
  return {
    operationId: id,
    tags: [tag],
    summary,
    description,
    security: securityOf[who],
    parameters,
    ...(body && { requestBody: requestBodyOf(body) }),
    // An answer of the route's own is said in its own words.
    responses: { ...Object.fromEntries(problems), ...answers },
  };
}

function requestBodyOf({ schema, examples, isOptional }: NonNullable<Described['body']>): RequestBody {
  return { required: !isOptional, content: { 'application/json': { schema: schemaOf(schema), examples } } };
}

/** @param examples by their names: those of one name, of all parameters and the body, make one request. */
export function parameter(
  place: Parameter['in'],
  name: string,
  type: z.core.$ZodType,
  examples: Readonly<Record<string, unknown>>,
  { optional = false } = {},
): Parameter {
  const { description, ...schema } = inlineSchemaOf(type);
  const named = Object.entries(examples).map(([key, value]) => [key, { summary: String(value), value }] as const);
  return {
    name,
    in: place,
    description: String(description),
    required: !optional,
    schema,
    examples: Object.fromEntries(named),
  };
}

export function example(summary: string, value: unknown): Example {
  return { summary, value };
}
