import type { Example, OpenApiDocument, Operation } from '../openapi/types.ts';
import type { Sender } from './send.ts';

const path = '/v1/headers/{api}/rejections';
const jsonType = 'application/json';

/** The document with header sets in its examples of reports that their caller was really given: a report of any other is refused. */
export async function withGivenIds(
  document: OpenApiDocument,
  sender: Sender,
  authorizations: readonly string[],
): Promise<OpenApiDocument> {
  const report = document.paths[path]?.post;
  const media = report?.requestBody?.content[jsonType];
  if (!report?.requestBody || !media) throw new Error(`The document has no POST ${path} with a body.`);
  const give = async ([name, example]: [string, Example]) => {
    const id = await idOf(String(apiOf(report, name)), sender, authorizations);
    return [name, { ...example, value: { ...Object(example.value), id } }] as const;
  };
  const examples = Object.fromEntries(await Promise.all(Object.entries(media.examples).map(give)));
  const requestBody = { ...report.requestBody, content: { [jsonType]: { ...media, examples } } };
  return { ...document, paths: { ...document.paths, [path]: { post: { ...report, requestBody } } } };
}

function apiOf({ parameters }: Operation, name: string): unknown {
  return parameters.find((parameter) => parameter.name === 'api')?.examples[name]?.value;
}

async function idOf(api: string, sender: Sender, authorizations: readonly string[]): Promise<string> {
  const sent = { method: 'GET', target: `/v1/headers/${api}`, token: '', headers: [], body: undefined };
  const { status, body } = await sender.send(sent, authorizations);
  if (status !== 200) throw new Error(`The broker answers ${status} to GET /v1/headers/${api}.`);
  const { id } = JSON.parse(body) as { id: string };
  return id;
}
