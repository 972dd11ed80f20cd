/** The parts of OpenAPI 3.1 that the broker's document is made of. */

/** JSON Schema 2020-12. */
export type Schema = { readonly [keyword: string]: unknown };
type Reference = { readonly $ref: string };

export type Example = { readonly summary: string; readonly value: unknown };
export type Examples = Readonly<Record<string, Example>>;
export type Header = { readonly description: string; readonly required: boolean; readonly schema: Schema };
export type MediaType = { readonly schema: Schema; readonly examples?: Examples };
export type Response = {
  readonly description: string;
  readonly headers: Readonly<Record<string, Header | Reference>>;
  readonly content?: Readonly<Record<string, MediaType>>;
};

export type Parameter = {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description: string;
  readonly required: boolean;
  readonly schema: Schema;
  readonly examples: Examples;
};

export type RequestBody = {
  readonly required: boolean;
  readonly content: Readonly<Record<string, Required<MediaType>>>;
};

export type Operation = {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  /** One of these is enough; none is needed where there is none. A role stands in the list of its scheme. */
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: RequestBody;
  readonly responses: Readonly<Record<string, Response | Reference>>;
};

export type Method = 'get' | 'head' | 'post';
export type PathItem = Readonly<Partial<Record<Method, Operation>>>;

export type OpenApiDocument = {
  readonly openapi: string;
  readonly info: object;
  readonly servers: readonly object[];
  readonly tags: readonly object[];
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly headers: Readonly<Record<string, Header>>;
    readonly responses: Readonly<Record<string, Response>>;
    readonly securitySchemes: Readonly<Record<string, object>>;
  };
  /** What answers where the document describes nothing: a method that a path does not have, and a path that is none. */
  readonly 'x-undescribed': { readonly method: Response; readonly path: Response };
};
