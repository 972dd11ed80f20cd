import { api } from '../../../shared/http/contract/parameters.ts';
import { forceRefresh } from '../../../shared/http/contract/sidecar.ts';
import { jsonAnswer } from '../answers.ts';
import { example, parameter, type Described } from '../describe.ts';

const tag = 'Sidecar';
const path = '/AuthorizationHeader/{api}';
const name = parameter('path', 'api', api, { payments: 'payments' });

const answers = {
  200: jsonAnswer('The header, and beside it all headers to send.', 'AuthorizationHeader', {
    payments: example('An API that takes a key and a token', {
      authorizationHeader: 'Bearer …',
      headers: { 'Ocp-Apim-Subscription-Key': '…', Authorization: 'Bearer …' },
    }),
  }),
};

const description =
  'An API that this caller may not have and one that does not exist are answered alike, 404. What else a sidecar takes is refused, `unsupported`; so is an API that takes a key alone.';

const forced = (examples: Record<string, string>) =>
  parameter('query', 'optionsOverride.AcquireTokenOptions.ForceRefresh', forceRefresh, examples, { optional: true });

/** What those call who have used a sidecar. */
export const sidecarRoutes: readonly Described[] = [
  {
    path,
    method: 'get',
    id: 'getAuthorizationHeader',
    tag,
    who: 'caller',
    isForPlainJson: true,
    summary: 'The Authorization header for an API',
    description,
    parameters: [name, forced({ refreshed: 'true' })],
    answers,
    codes: ['not-found', 'upstream-rejected'],
  },
  {
    path,
    method: 'post',
    id: 'postAuthorizationHeader',
    tag,
    who: 'caller',
    isForPlainJson: true,
    summary: 'The same, with options in the body',
    description,
    parameters: [name, forced({ asked: 'false' })],
    body: {
      schema: 'SidecarOptions',
      isOptional: true,
      examples: {
        payments: example('As it comes', {}),
        refreshed: example('A new token', { acquireTokenOptions: { forceRefresh: true } }),
      },
    },
    answers,
    codes: ['not-found', 'upstream-rejected'],
  },
  {
    path: '/Validate',
    method: 'get',
    id: 'validateToken',
    tag,
    who: 'caller',
    isForPlainJson: true,
    summary: 'What the caller’s own token says',
    description: 'The token is this caller’s own, and is logged nowhere.',
    answers: {
      200: jsonAnswer('The token is good.', 'ValidatedToken', {
        billing: example('Some of its claims', {
          protocol: 'Bearer',
          token: 'eyJ…',
          claims: { ver: '2.0', idtyp: 'app', roles: ['Headers.Read'] },
        }),
      }),
    },
  },
];
