import { access, api } from '../../../shared/http/contract/parameters.ts';
import { answer, jsonAnswer } from '../answers.ts';
import { example, parameter, type Described } from '../describe.ts';
import { schemaOf } from '../schemas.ts';

const tag = 'Callers';

const headerSet = {
  id: 'hs_I6DWBOZQecIJTlEKLVgqEql48rVgQ2nXw0TkZb1D',
  api: 'payments',
  baseUrl: 'https://apim.example/payments',
  headers: { 'Ocp-Apim-Subscription-Key': '…', Authorization: 'Bearer …' },
  expiresOn: '2026-11-24T03:05:00.000Z',
  expiresIn: 300,
  refreshOn: '2026-11-24T03:02:30.000Z',
  refreshIn: 150,
};

/** What internal services call. */
export const callerRoutes: readonly Described[] = [
  {
    path: '/v1/headers/{api}',
    method: 'get',
    id: 'getHeaders',
    tag,
    who: 'caller',
    summary: 'Headers for an API',
    description:
      'Send them on with each call to the API, from `refreshOn` on ask again, and use them no longer than until `expiresOn`. An API that this caller may not have and one that does not exist are answered alike.',
    parameters: [
      parameter('path', 'api', api, { payments: 'payments', core: 'core' }),
      parameter('query', 'access', access, { payments: '.default' }, { optional: true }),
    ],
    answers: {
      200: answer(
        'A header set. As text, `Name: value` lines that `curl -H @-` takes.',
        {
          'application/json': {
            schema: schemaOf('HeaderSet'),
            examples: { payments: example('An API that takes a key and a token', headerSet) },
          },
          'text/plain': {
            schema: { type: 'string', pattern: '^([A-Za-z0-9-]+: [^\\n]+\\n)+$' },
            examples: { core: example('An API for which the key is enough', 'Ocp-Apim-Subscription-Key: …\n') },
          },
        },
        { Vary: { description: 'It is `Accept` that chooses.', required: true, schema: { const: 'Accept' } } },
      ),
    },
    codes: ['upstream-rejected'],
  },
  {
    path: '/v1/headers/{api}/rejections',
    method: 'post',
    id: 'reportRejection',
    tag,
    who: 'caller',
    summary: 'An API refused a header set',
    description:
      'Tell what the API answered to the header set that you were given, and send the headers of this answer instead, once. What is looked at, and how often, is the broker’s to decide: 403 and 429 change nothing.',
    parameters: [
      parameter('path', 'api', api, { payments: 'payments', core: 'core' }),
      parameter('query', 'access', access, { payments: '.default' }, { optional: true }),
    ],
    body: {
      schema: 'RejectionReport',
      examples: {
        payments: example('The token was refused', {
          id: headerSet.id,
          status: 401,
          body: '{"statusCode": 401, "message": "Unauthorized. Access token is missing or invalid."}',
        }),
        core: example('The quota is used up', { id: 'hs_I6DWBOZQecIJu0Pq3_LmS7dEoY5w', status: 429 }),
      },
    },
    answers: {
      200: jsonAnswer('The header set that is current now.', 'HeaderSetAfterRejection', {
        payments: example('Another token', { ...headerSet, rejection: { credential: 'token', action: 'replaced' } }),
        alternate: example('The other slot’s key, in place of one that a gateway refuses', {
          ...headerSet,
          rejection: { credential: 'key', action: 'alternate' },
        }),
      }),
    },
    codes: ['upstream-rejected', 'foreign-header-set'],
  },
  {
    path: '/v1/apis',
    method: 'get',
    id: 'listApis',
    tag,
    who: 'caller',
    summary: 'What this caller may ask for',
    description: 'The APIs of this caller, where each is called, and what `access` may name for it.',
    answers: {
      200: jsonAnswer('The APIs.', 'Apis', {
        billing: example('One API with a key alone, one with access levels', {
          apis: [
            { api: 'core', baseUrl: 'https://apim.example/core', accessLevels: [] },
            { api: 'payments', baseUrl: 'https://apim.example/payments', accessLevels: ['.default', 'get'] },
          ],
        }),
      }),
    },
  },
];
