import { describe, expect, test } from '@jest/globals';
import { createDocument } from '../../../scripts/openapi/document.ts';
import type { Case } from '../../../scripts/fuzz-openapi/case.ts';
import { createOracle } from '../../../scripts/fuzz-openapi/oracle.ts';
import type { Answer } from '../../../scripts/fuzz-openapi/send.ts';

const judge = createOracle(createDocument());

const requestId = '0b7c3a0e-5c4d-4f27-9e63-3b0c5b8d2f1a';
const common = {
  'cache-control': 'no-store',
  pragma: 'no-cache',
  'x-content-type-options': 'nosniff',
  'x-request-id': requestId,
};

const sentTo = (target: string, more: Partial<Case> = {}): Case => ({
  method: 'GET',
  target,
  token: 'billing',
  headers: [],
  body: undefined,
  ...more,
});

function json(body: object, status = 200, headers: Record<string, string> = {}): Answer {
  return { status, headers: { ...common, 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

function problem(code: string, status: number, headers: Record<string, string> = {}, more: object = {}): Answer {
  const body = { type: `/docs/problems.md#${code}`, title: 'T', status, detail: 'D', code, requestId, ...more };
  return json(body, status, { 'content-type': 'application/problem+json', ...headers });
}

const apis = { apis: [{ api: 'core', baseUrl: 'https://x', accessLevels: [] }] };
const set = {
  id: 'hs_I6DWBOZQecIJTlEKLVgqEql48rVgQ2nXw0TkZb1D',
  api: 'core',
  baseUrl: 'https://x',
  headers: { 'Ocp-Apim-Subscription-Key': 'CANARY0123456789' },
  expiresOn: '2026-11-24T03:05:00.000Z',
  expiresIn: 300,
  refreshOn: '2026-11-24T03:02:30.000Z',
  refreshIn: 150,
};
const vary = { vary: 'Accept' };
const challenge = { 'www-authenticate': 'Bearer realm="token-broker"' };

const wrongWith = (sent: Case, answer: Answer) => judge(sent, answer, false).wrong;

describe('an answer as described is let pass', () => {
  test.each<[string, Case, Answer]>([
    ['a list', sentTo('/v1/apis'), json(apis)],
    ['a path in other case, with a slash', sentTo('/V1/apis/'), json(apis)],
    ['a hand-out, whose headers are secret', sentTo('/v1/headers/core'), json(set, 200, vary)],
    [
      'a hand-out as text',
      sentTo('/v1/headers/core'),
      {
        ...json({}, 200, { ...vary, 'content-type': 'text/plain; charset=utf-8' }),
        body: 'Ocp-Apim-Subscription-Key: CANARY0123456789\n',
      },
    ],
    [
      'a sidecar’s hand-out',
      sentTo('/AuthorizationHeader/payments'),
      json({ authorizationHeader: 'Bearer CANARY0123456789', headers: set.headers }),
    ],
    [
      'the caller’s own token',
      sentTo('/Validate'),
      json({ protocol: 'Bearer', token: 'CANARY0123456789', claims: { uti: 'CANARY0123456789' } }),
    ],
    [
      'a problem as plain JSON, for a client of a sidecar',
      sentTo('/Validate', { token: 'none' }),
      { ...problem('missing-token', 401, { ...challenge, 'content-type': 'application/json' }) },
    ],
    ['HEAD', sentTo('/healthz', { method: 'HEAD' }), { ...json({}), body: '' }],
    ['a problem', sentTo('/v1/apis', { token: 'none' }), problem('missing-token', 401, challenge)],
    ['an unknown method', sentTo('/v1/apis', { method: 'PUT' }), problem('method-not-allowed', 405, { allow: 'GET' })],
    ['an unknown path', sentTo('/v1'), problem('not-found', 404)],
    ['the platform’s own', sentTo('/%00'), { status: 400, headers: {}, body: '' }],
  ])('%s', (_what, sent, answer) => {
    expect(wrongWith(sent, answer)).toEqual([]);
  });
});

describe('an answer that is not as described is told of', () => {
  test.each<[string, Case, Answer, RegExp]>([
    ['a failure', sentTo('/v1/apis'), problem('internal-error', 500), /^500, and nothing was made to fail$/],
    ['a status that the operation does not have', sentTo('/v1/apis'), json(apis, 201), /^201 is not described$/],
    [
      'a media type',
      sentTo('/v1/apis'),
      json(apis, 200, { 'content-type': 'text/html' }),
      /text\/html is not described/,
    ],
    ['a member too many', sentTo('/v1/apis'), json({ ...apis, more: 1 }), /additional properties/],
    ['a member that is missing', sentTo('/v1/apis'), json({}), /required property 'apis'/],
    ['no JSON', sentTo('/v1/apis'), { ...json({}), body: '{' }, /no JSON/],
    ['a header that is missing', sentTo('/v1/headers/core'), json(set), /^Vary is missing$/],
    [
      'a header of another value',
      sentTo('/v1/apis'),
      json(apis, 200, { 'cache-control': 'public' }),
      /^Cache-Control is not/,
    ],
    [
      'a challenge that is missing',
      sentTo('/v1/apis', { token: 'none' }),
      problem('missing-token', 401),
      /^WWW-Authenticate/,
    ],
    [
      'a code of another status',
      sentTo('/v1/apis'),
      problem('forbidden', 401, challenge),
      /code must be equal to one of/,
    ],
    ['a code that there is none of', sentTo('/v1/apis'), problem('nonsense', 403), /code must be equal to one of/],
    [
      'another request id',
      sentTo('/v1/apis'),
      problem('forbidden', 403, { 'x-request-id': requestId.replace('0', '1') }),
      /requestId is not X-Request-Id/,
    ],
    ['a body to HEAD', sentTo('/healthz', { method: 'HEAD' }), json({ status: 'alive' }), /a body to HEAD/],
    [
      'methods in Allow that are not described',
      sentTo('/v1/apis', { method: 'PUT' }),
      problem('method-not-allowed', 405, { allow: 'GET, POST' }),
      /^Allow is GET,POST/,
    ],
    ['a method that is let pass', sentTo('/v1/apis', { method: 'POST' }), json(apis), /^200, not 405$/],
    ['a path that is none', sentTo('/v1'), json(apis), /^200, not 404$/],
    ['the platform’s, with a body', sentTo('/%00'), json(apis), /the platform answers 200/],
  ])('%s', (_what, sent, answer, told) => {
    expect(wrongWith(sent, answer)).toEqual([expect.stringMatching(told)]);
  });
});

describe('what no answer may do is told of', () => {
  test.each(['none', 'expired', 'attacker', 'stranger', 'twice', 'platform'])(
    'an answer to a token that proves no right: %s',
    (token) => {
      expect(wrongWith(sentTo('/v1/apis', { token }), json(apis))).toEqual([`200 for a token of the kind ${token}`]);
    },
  );

  test('something of the request in a problem, or in a header', () => {
    const told = ['something of the request comes back'];
    expect(wrongWith(sentTo('/v1/apis'), problem('forbidden', 403, {}, { detail: 'No zq7.' }))).toEqual(told);
    expect(wrongWith(sentTo('/v1/apis'), json(apis, 200, { 'x-zq7': '1' }))).toEqual(told);
  });

  test.each([
    ['in a list', sentTo('/v1/apis'), json({ apis: [{ ...apis.apis[0], baseUrl: 'CANARY0123' }] })],
    [
      'beside the headers of a hand-out',
      sentTo('/v1/headers/core'),
      json({ ...set, baseUrl: 'CANARY0123' }, 200, vary),
    ],
    ['in a header', sentTo('/v1/apis'), json(apis, 200, { 'x-more': 'CANARY0123' })],
    ['in a problem', sentTo('/v1/apis'), problem('forbidden', 403, {}, { detail: 'CANARY0123' })],
  ])('a secret %s', (_where, sent, answer) => {
    expect(wrongWith(sent, answer)).toEqual([expect.stringMatching(/^a secret leaves/)]);
  });
});
