import { describe, expect, test } from '@jest/globals';
import { BrokerError } from '../../../shared/errors.ts';
import type { Command } from '../../../shared/http/contract/rotation.ts';
import { createSteeringRoute } from '../../../shared/http/steering.ts';
import { toRotationView } from '../../../shared/operations/rotation-view.ts';
import type { SteeringRequest } from '../../../shared/rotation/steer-stored.ts';
import type { AuditFacts } from '../../../shared/telemetry/audit.ts';
import { caller } from '../../support/caller-tokens.ts';
import { name as subscription, policyOf } from '../../support/rotation-machine.ts';
import { sampleRecord } from '../../support/sample-record.ts';
import { exchangeOf, refusalOf, signal } from './exchange.ts';

type Sent = { body?: unknown; key?: string; query?: string; name?: string | undefined };
type Options = { isReplayed?: boolean; changes?: Parameters<typeof sampleRecord>[1] };

/** `POST /v1/rotations/{subscription}/{command}` of an operator, with the commands that were carried out. */
function createFixture(command: Command = 'pause', { isReplayed = false, changes }: Options = {}) {
  const carriedOut: SteeringRequest[] = [];
  const needs: string[] = [];
  const facts: AuditFacts = {};
  const record = sampleRecord(subscription, changes);
  const view = toRotationView(record, policyOf(), 0);
  const route = createSteeringRoute(
    {
      authenticateOperator: async (_request, need) => {
        needs.push(need);
        return { ...caller, mayWrite: true };
      },
      subscriptions: new Set([subscription]),
      rotations: {
        steer: async (request) => {
          carriedOut.push(request);
          return { record, at: 0, isReplayed, view };
        },
      },
    },
    command,
  );
  const send = ({ body = { reason: 'a drill' }, key = 'key-1', query = '', name = subscription }: Sent = {}) =>
    route(
      exchangeOf({
        method: 'POST',
        url: `https://broker.example/v1/rotations/x/${command}${query}`,
        params: { subscription: name },
        headers: { 'content-type': 'application/json', ...(key !== '' && { 'idempotency-key': key }) },
        body: { string: typeof body === 'string' ? body : JSON.stringify(body) },
      }),
      facts,
      signal,
    );
  return { send, carriedOut, needs, facts, view };
}

const answerOf = async (answer: Promise<{ body: string }>) => JSON.parse((await answer).body) as unknown;
const malformed = { code: 'invalid-request', reason: 'body-malformed' };

describe('POST /v1/rotations/{subscription}/{command}', () => {
  test.each(['start', 'pause', 'resume', 'rollback'] as const)(
    'has %s carried out, as who asked it, why, and under which key',
    async (command) => {
      const { send, carriedOut, needs, view } = createFixture(command);
      expect(await answerOf(send())).toEqual({ subscription, command, replayed: false, outage: null, rotation: view });
      const { objectId: operator } = caller;
      expect(carriedOut).toEqual([
        { subscription, command: { kind: command }, statedReason: 'a drill', operator, idempotencyKey: 'key-1' },
      ]);
      expect(needs).toEqual(['write']);
    },
  );

  test('tells a command that was carried out before, and has that on record', async () => {
    const { send, facts } = createFixture('pause', { isReplayed: true });
    expect(await answerOf(send())).toMatchObject({ replayed: true });
    expect(facts).toEqual({ subscription, statedReason: 'a drill', replayed: true });
  });

  test.each<[string, Sent, unknown]>([
    ['a query', { query: '?force=1' }, { code: 'invalid-request', reason: 'query-unknown' }],
    ['no such subscription', { name: 'nosuch' }, { code: 'not-found', reason: 'subscription-unknown' }],
    ['no Idempotency-Key', { key: '' }, { code: 'invalid-request', reason: 'idempotency-key-missing' }],
    ['no body', { body: '' }, malformed],
    ['no reason', { body: {} }, malformed],
    ['a reason of blanks', { body: { reason: '  ' } }, malformed],
    ['a reason of two lines', { body: { reason: 'one\ntwo' } }, malformed],
    ['a reason that is too long', { body: { reason: 'long '.repeat(41) } }, malformed],
    ['a key in the reason', { body: { reason: `it was ${'0123456789abcdef'.repeat(2)}` } }, malformed],
    ['something more', { body: { reason: 'a drill', force: true } }, malformed],
    ['a body of more than 4 KB', { body: '{"reason":"a"}'.padEnd(4_097) }, { reason: 'body-too-long' }],
  ])('is refused with %s, and nothing is done', async (_what, sent, refusal) => {
    const { send, carriedOut } = createFixture();
    expect(await refusalOf(send(sent))).toMatchObject(Object(refusal));
    expect(carriedOut).toEqual([]);
  });

  test('takes a reason of 200 characters in any script, without blanks around it, in a body of 4 KB', async () => {
    const { send, carriedOut } = createFixture();
    const reason = 'åß 漢字 – '.repeat(25).slice(0, 199);
    await send({ body: { reason: ` ${reason}! ` } });
    expect(carriedOut).toEqual([expect.objectContaining({ statedReason: `${reason}!` })]);
    await send({ body: '{"reason":"a"}'.padEnd(4_096) });
    expect(carriedOut).toHaveLength(2);
  });

  test('is for those alone who may steer', async () => {
    const carriedOut: unknown[] = [];
    const rotations = {
      steer: (request: SteeringRequest) => {
        carriedOut.push(request);
        return Promise.reject(new Error('not to be reached'));
      },
    };
    const authenticateOperator = () => Promise.reject(new BrokerError('role-missing'));
    const route = createSteeringRoute(
      { authenticateOperator, subscriptions: new Set([subscription]), rotations },
      'pause',
    );
    const asked = route(exchangeOf({ url: 'https://broker.example/v1/rotations/x/pause?x' }), {}, signal);
    expect(await refusalOf(asked)).toEqual({ code: 'forbidden', reason: 'role-missing' });
    expect(carriedOut).toEqual([]);
  });
});

describe('an emergency', () => {
  const confirmed = { body: { reason: 'it leaked', confirm: subscription } };

  test('is carried out where the subscription’s name is repeated', async () => {
    const { send, carriedOut } = createFixture('emergency');
    await send(confirmed);
    expect(carriedOut).toEqual([
      expect.objectContaining({ command: { kind: 'emergency', confirm: subscription }, statedReason: 'it leaked' }),
    ]);
  });

  test.each([undefined, '', 'yes', 'okq8-other'])(
    'is refused where %j stands in place of it, and is on record with its reason',
    async (confirm) => {
      const { send, carriedOut, facts } = createFixture('emergency');
      const refusal = { code: 'invalid-request', reason: 'not-confirmed' };
      expect(await refusalOf(send({ body: { reason: 'it leaked', confirm } }))).toEqual(refusal);
      expect(carriedOut).toEqual([]);
      expect(facts).toEqual({ subscription, statedReason: 'it leaked' });
    },
  );

  test.each([
    ['the compromised key', { compromised: 'secondary' }, 'carry the secondary key'],
    ['the active key, where no other is compromised', { active: 'primary' }, 'carry the primary key'],
  ] as const)('tells which header sets fail and for how long at most: those with %s', async (_which, changes, told) => {
    const { send } = createFixture('emergency', { changes });
    const { outage } = (await answerOf(send(confirmed))) as { outage: string };
    expect(outage).toContain(told);
    expect(outage).toContain('at most 300 s after they were handed out. An instance hands that key out until');
  });
});
