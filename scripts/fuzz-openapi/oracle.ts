import { findCanaries } from '../canaries.ts';
import type { OpenApiDocument, Operation, Response } from '../openapi/types.ts';
import { marker, type Case } from './case.ts';
import { createLookup, type Expectation } from './lookup.ts';
import type { Answer } from './send.ts';
import { mayPass } from './tokens.ts';
import { createValidator } from './validate.ts';

export type Verdict = {
  /** The operation, such as `GET /v1/apis`; or what answered in place of one. */
  readonly name: string;
  /** What is wrong with the answer. */
  readonly wrong: readonly string[];
};

/** What the platform refuses by itself: https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook-trigger#limits */
const platformStatuses = new Set([400, 404, 413, 431]);

const names = { platform: 'the platform', path: 'no such path', method: 'no such method' } as const;

/**
 * Judges answers by the document, and by what holds for all of them: no 5xx, no echo, no secret, nothing without a good token.
 *
 * The judge is told where the platform answers for the size of the headers.
 */
export function createOracle(document: OpenApiDocument): (sent: Case, answer: Answer, isPlatforms: boolean) => Verdict {
  const lookUp = createLookup(document);
  const validate = createValidator(document);

  const byDescription = (
    expected: Exclude<Expectation, { kind: 'platform' }>,
    sent: Case,
    answer: Answer,
  ): string[] => {
    const response =
      expected.kind === 'operation' ? responseOf(document, expected.operation, answer.status) : expected.response;
    if (!response) return [`${answer.status} is not described`];
    const wanted = { path: 404, method: 405, operation: answer.status }[expected.kind];
    if (answer.status !== wanted) return [`${answer.status}, not ${wanted}`];
    return [
      ...validate(response, answer, sent.method === 'HEAD'),
      ...(expected.kind === 'method' ? checkAllow(expected.allow, answer) : []),
      ...(expected.kind === 'operation' ? checkToken(expected.operation, sent, answer) : []),
      ...checkRequestId(answer),
    ];
  };

  return (sent, answer, isPlatforms) => {
    const expected = lookUp(sent.method, sent.target);
    const ofAll = [...checkFailure(answer), ...checkEcho(answer), ...checkSecrets(answer)];
    if (expected.kind === 'platform' || isPlatforms) {
      return { name: names.platform, wrong: [...ofAll, ...checkPlatform(answer)] };
    }
    const name = expected.kind === 'operation' ? expected.name : names[expected.kind];
    return { name, wrong: [...ofAll, ...byDescription(expected, sent, answer)] };
  };
}

function responseOf({ components }: OpenApiDocument, { responses }: Operation, status: number): Response | undefined {
  const response = responses[String(status)];
  return response && '$ref' in response ? components.responses[response.$ref.split('/').at(-1) ?? ''] : response;
}

function checkPlatform({ status, body }: Answer): string[] {
  return platformStatuses.has(status) && body === '' ? [] : [`the platform answers ${status}, or with a body`];
}

function checkFailure({ status }: Answer): string[] {
  return status >= 500 ? [`${status}, and nothing was made to fail`] : [];
}

function checkAllow(allow: readonly string[], { headers }: Answer): string[] {
  const told = headers['allow']?.split(', ').toSorted().join();
  return told === allow.toSorted().join() ? [] : [`Allow is ${told}, and described are ${allow.join(', ')}`];
}

function checkToken(operation: Operation, { token }: Case, { status }: Answer): string[] {
  return status < 300 && !mayPass(token, operation) ? [`${status} for a token of the kind ${token}`] : [];
}

/** A problem is found in the log by the id that stands on the answer. */
function checkRequestId({ headers, body }: Answer): string[] {
  if (headers['content-type'] !== 'application/problem+json' || body === '') return [];
  return body.includes(`"requestId":"${headers['x-request-id']}"`) ? [] : ['requestId is not X-Request-Id'];
}

/** Nothing of a request comes back in an answer’s headers, or in a problem. */
function checkEcho({ status, headers, body }: Answer): string[] {
  const told = Object.entries(headers).flat().join('\n') + (status >= 400 ? body : '');
  return told.toLowerCase().includes(marker) ? ['something of the request comes back'] : [];
}

/** Secrets leave in the `headers` of a hand-out, as its text or as its `authorizationHeader`, and in the caller’s own token, and nowhere else. */
function checkSecrets({ status, headers, body }: Answer): string[] {
  const rest = status === 200 ? withoutHandOut(body) : body;
  const told = [...Object.values(headers), rest].join('\n');
  return findCanaries(told).map((at) => `a secret leaves (${at})`);
}

function withoutHandOut(body: string): string {
  const isAllSecret =
    body.startsWith('Ocp-Apim-Subscription-Key: ') || body.startsWith('{"protocol":"Bearer","token":');
  if (isAllSecret) return '';
  if (!/"headers":\{"Ocp-Apim-Subscription-Key"/.test(body)) return body;
  return body.replace(/"headers":\{[^}]*\}/, '').replace(/"authorizationHeader":"[^"]*"/, '');
}
