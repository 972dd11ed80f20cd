import type { MediaType, Method, OpenApiDocument, Operation } from './types.ts';

/** A request that the document shows by its examples. */
export type ExampleRequest = {
  readonly title: string;
  readonly operationId: string;
  readonly method: Method;
  /** Path and query, encoded. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** The app role that it takes; absent where none is needed. */
  readonly role: string | undefined;
};

/**
 * The requests of a document: for each operation one for each name that its examples have. A required parameter without an example of that
 * name takes its first; an optional one is left out. Where `Accept` chooses, one more for each further media type.
 */
export function exampleRequestsOf({ paths }: OpenApiDocument): ExampleRequest[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, operation]) => {
      const names = namesIn(operation);
      const requests = names.map((name) => requestOf(path, method as Method, operation, name));
      const [first] = requests;
      const accepts = first ? chosenByAccept(operation).map((accept) => accepting(first, accept)) : [];
      return [...requests, ...accepts];
    }),
  );
}

const jsonType = 'application/json';

function bodyOf({ requestBody }: Operation): Required<MediaType> | undefined {
  return requestBody?.content[jsonType];
}

function namesIn(operation: Operation): string[] {
  const examples = [...operation.parameters.map((parameter) => parameter.examples), bodyOf(operation)?.examples ?? {}];
  const names = Array.from(new Set(examples.flatMap((each) => Object.keys(each))));
  return names.length > 0 ? names : [''];
}

function requestOf(path: string, method: Method, operation: Operation, name: string): ExampleRequest {
  const given = (place: string) =>
    operation.parameters.flatMap((parameter) => {
      if (parameter.in !== place) return [];
      const [first] = Object.values(parameter.examples);
      const chosen = parameter.examples[name] ?? (parameter.required ? first : undefined);
      return chosen ? [[parameter.name, String(chosen.value)] as const] : [];
    });
  const parts = new Map(given('path'));
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, part: string) => encodeURIComponent(parts.get(part) ?? ''));
  const query = new URLSearchParams(Object.fromEntries(given('query'))).toString();
  const body = bodyOf(operation)?.examples[name]?.value;
  return {
    title: [operation.summary, ...(name === '' ? [] : [name])].join(': '),
    operationId: operation.operationId,
    method,
    target: query === '' ? filled : `${filled}?${query}`,
    headers: { ...Object.fromEntries(given('header')), ...(body !== undefined && { 'Content-Type': jsonType }) },
    body: body === undefined ? undefined : JSON.stringify(body),
    role: operation.security[0]?.['entra']?.[0],
  };
}

/** The media types of a good answer that a request has to ask for; the first comes by itself. */
function chosenByAccept({ responses }: Operation): string[] {
  const good = responses['200'];
  if (!good || '$ref' in good || !good.headers['Vary']) return [];
  return Object.keys(good.content ?? {}).slice(1);
}

function accepting(request: ExampleRequest, accept: string): ExampleRequest {
  return { ...request, title: `${request.title}, as ${accept}`, headers: { ...request.headers, Accept: accept } };
}
