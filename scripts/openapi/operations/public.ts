import { asset } from '../../../shared/http/contract/parameters.ts';
import { answer, textAnswer } from '../answers.ts';
import { parameter, type Described } from '../describe.ts';

const tag = 'Anyone';

const status = (word: string) => ({
  type: 'object',
  properties: { status: { const: word } },
  required: ['status'],
  additionalProperties: false,
});

/** What needs no token, and tells of no deployment. */
export const publicRoutes: readonly Described[] = [
  {
    path: '/healthz',
    method: 'get',
    takesHead: true,
    id: 'getHealth',
    tag,
    who: 'anyone',
    summary: 'Whether the process answers',
    description: 'For a liveness probe.',
    answers: { 200: answer('It does.', { 'application/json': { schema: status('alive') } }) },
  },
  {
    path: '/readyz',
    method: 'get',
    takesHead: true,
    id: 'getReadiness',
    tag,
    who: 'anyone',
    summary: 'Whether this instance can serve',
    description: 'For a readiness probe. It says no more than that; `/v1/status` does.',
    answers: { 200: answer('It can.', { 'application/json': { schema: status('ready') } }) },
    codes: ['upstream-unavailable'],
  },
  {
    path: '/docs/problems.md',
    method: 'get',
    takesHead: true,
    id: 'getProblems',
    tag,
    who: 'anyone',
    summary: 'What each problem means',
    description: 'The `type` of a problem leads here.',
    answers: { 200: textAnswer('The page.', 'text/markdown') },
  },
  {
    path: '/openapi.json',
    method: 'get',
    takesHead: true,
    id: 'getOpenApi',
    tag,
    who: 'anyone',
    summary: 'This document',
    description: 'OpenAPI 3.1, generated from what requests and answers are checked against.',
    answers: {
      200: answer('The document.', {
        'application/json': {
          schema: {
            type: 'object',
            properties: {
              openapi: { type: 'string', pattern: '^3\\.1\\.' },
              info: { type: 'object' },
              paths: { type: 'object' },
            },
            required: ['openapi', 'info', 'paths'],
          },
        },
      }),
    },
  },
  {
    path: '/dashboard/{asset}',
    method: 'get',
    takesHead: true,
    id: 'getDashboardAsset',
    tag,
    who: 'anyone',
    summary: 'What the dashboard’s page is made of',
    description: 'Scripts, styles and pictures.',
    parameters: [parameter('path', 'asset', asset, { script: 'app.js', style: 'app.css' })],
    answers: { 200: textAnswer('The file.', 'text/javascript', 'text/css', 'image/svg+xml') },
    codes: ['not-found'],
  },
];
