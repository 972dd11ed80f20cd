import * as parameters from '../../../shared/http/contract/parameters.ts';
import { commands } from '../../../shared/http/contract/rotation.ts';
import { answer, jsonAnswer } from '../answers.ts';
import { example, parameter, type Described } from '../describe.ts';
import { examination, rotationWithHistory, steered, trail } from '../examples.ts';

const tag = 'Operators';
const subscription = 'okq8-core';

/** What an operator may say to each command. */
const reasons: Readonly<Record<(typeof commands)[number], object>> = {
  start: { reason: 'Rehearsal before the audit' },
  pause: { reason: 'Gateways are being upgraded' },
  resume: { reason: 'The upgrade is done' },
  rollback: { reason: 'Calls with the new key fail at one gateway' },
  emergency: { reason: 'The active key was found in a public repository', confirm: subscription },
};

/** What the platform team and its programs call. */
export const operatorRoutes: readonly Described[] = [
  {
    path: '/v1/status',
    method: 'get',
    id: 'getStatus',
    tag,
    who: 'reader',
    summary: 'What is well, and what will not be',
    description:
      'Rotations are everyone’s; caches and figures are those of the instance that answers. Nothing is loaded for it.',
    answers: { 200: jsonAnswer('The state of the broker.', 'Status') },
  },
  {
    path: '/v1/rotations/{subscription}',
    method: 'get',
    id: 'getRotation',
    tag,
    who: 'reader',
    summary: 'One subscription’s rotation, its plan and its history',
    description: 'A record that cannot be read is told as `problem`.',
    parameters: [parameter('path', 'subscription', parameters.subscription, { 'okq8-core': subscription })],
    answers: {
      200: jsonAnswer('The rotation.', 'RotationWithHistory', { idle: example('At rest', rotationWithHistory) }),
    },
    codes: ['not-found', 'upstream-rejected'],
  },
  {
    path: '/v1/rotations/{subscription}/{command}',
    method: 'post',
    id: 'steerRotation',
    tag,
    who: 'writer',
    summary: 'Steers a rotation',
    description:
      '`start`: a cycle is due now. `pause`: no key is regenerated until `resume`. `rollback`: the retiring key is published again; possible while it drains. `emergency`: the active key is compromised: the other is handed out at once, and header sets with the compromised one fail before their `expiresOn`. The timer’s next tick acts on it. `docs/rotation.md` says more.',
    parameters: [
      parameter('path', 'subscription', parameters.subscription, { start: subscription }),
      parameter('path', 'command', parameters.command, Object.fromEntries(commands.map((each) => [each, each]))),
      parameter(
        'header',
        'Idempotency-Key',
        parameters.idempotencyKey,
        Object.fromEntries(commands.map((each) => [each, `${each}-2026-11-24`])),
      ),
    ],
    body: {
      schema: 'SteeringRequest',
      examples: Object.fromEntries(commands.map((each) => [each, example(`For \`${each}\``, reasons[each])])),
    },
    answers: {
      200: jsonAnswer('What it came to, and the plan that follows.', 'Steered', { pause: example('Paused', steered) }),
    },
    codes: ['not-found', 'conflict', 'upstream-rejected'],
  },
  {
    path: '/v1/audit',
    method: 'get',
    id: 'readAudit',
    tag,
    who: 'reader',
    summary: 'What one caller asked for and was given',
    description: 'Where the trail is kept in Table Storage. Elsewhere it stands in the log, and this is 404.',
    parameters: [
      parameter('query', 'caller', parameters.trail, { day: 'billing', night: 'billing' }),
      parameter('query', 'since', parameters.since, { day: '24h', night: '2026-11-24T00:00:00Z' }, { optional: true }),
      parameter('query', 'until', parameters.until, { night: '2026-11-24T06:00:00Z' }, { optional: true }),
      parameter('query', 'limit', parameters.limit, { night: 500 }, { optional: true }),
    ],
    answers: { 200: jsonAnswer('The records.', 'AuditTrail', { day: example('One hand-out', trail) }) },
    codes: ['not-found', 'upstream-rejected'],
  },
  {
    path: '/v1/doctor',
    method: 'post',
    id: 'examine',
    tag,
    who: 'reader',
    summary: 'Why a call fails',
    description:
      'Looks at everything that a hand-out needs, and changes nothing. An instance runs one examination at a time; who asks meanwhile gets its result. `docs/doctor.md` lists the causes.',
    answers: { 200: jsonAnswer('What was found.', 'Examination', { fault: example('One fault', examination) }) },
  },
  {
    path: '/dashboard',
    method: 'get',
    takesHead: true,
    id: 'getDashboard',
    tag,
    who: 'reader',
    summary: 'The dashboard',
    description: 'The page holds no data: it asks `/v1/status`, as the same operator.',
    answers: {
      200: page('The page.'),
      302: answer(
        'To where the platform signs people in.',
        {},
        {
          Location: {
            description: 'On this origin.',
            required: true,
            schema: { type: 'string', pattern: '^/\\.auth/login/' },
          },
        },
      ),
      403: answer('Without the app role: the problem, or where the platform signs people in a page that says so.', {
        'text/html': { schema: { type: 'string' } },
        'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
      }),
    },
  },
];

function page(description: string) {
  return answer(description, { 'text/html': { schema: { type: 'string' } } });
}
