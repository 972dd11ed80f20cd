import { TableClient } from '@azure/data-tables';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import * as z from 'zod/mini';
import { createIdentity } from '../../shared/azure/identity.ts';
import { rotationAnswer, steeringAnswer, type RotationView } from '../../shared/http/contract/rotation.ts';
import { statusAnswer, type StatusAnswer } from '../../shared/http/contract/status.ts';
import { startBrokerOnStack, type BrokerOnStack, type Reply } from '../support/broker-on-stack.ts';

const minute = 60_000;
const core = 'okq8-core';
let on: BrokerOnStack;
let [platform, auditor, billing] = ['', '', ''];
beforeAll(async () => {
  on = await startBrokerOnStack({ storage: true });
});
beforeEach(async () => {
  on.restart();
  on.lines.length = 0;
  [platform, auditor, billing] = [await on.token('platform'), await on.token('auditor'), await on.token('billing')];
});
afterEach(() => on.steer('/faults', 'DELETE'));
afterAll(() => on.close());

type Asked = { token?: string | undefined; headers?: Record<string, string> };
type Steering = Asked & { key?: string; body?: object | string };

let keys = 0;
const freshKey = () => `test-${(keys += 1)}`;
const drill = { reason: 'a drill' };
const codeOf = ({ status, json }: Reply) => ({ status, code: json?.code });
const audited = () => on.lines.filter(({ event }) => event === 'audit');

function parse<T>(schema: z.ZodMiniType<T>, { status, text, json }: Reply): T {
  if (status !== 200) throw new Error(`${status} ${text}`);
  return z.parse(schema, json);
}

const askStatus = (asked: Asked = { token: auditor }) => on.ask('status', 'v1/status', asked);
const askRotation = async (name: string) =>
  on.ask('rotation', `v1/rotations/${name}`, { token: await on.token('auditor') });
const readStatus = async (): Promise<StatusAnswer> => parse(statusAnswer, await askStatus());
const readRotation = async (name = core): Promise<RotationView | null> =>
  parse(rotationAnswer, await askRotation(name)).rotation;

const ask = async (path: string, { token, headers = {}, key = freshKey(), body = drill }: Steering = {}) =>
  on.ask('steering', `v1/rotations/${path}`, {
    method: 'POST',
    token: token ?? (await on.token('platform')),
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const steer = async (path: string, asked: Steering = {}) => parse(steeringAnswer, await ask(path, asked));

async function tickUntil(isSo: () => Promise<boolean>, most = 600): Promise<void> {
  for (let ticks = 0; ticks < most; ticks += 1) {
    if (await isSo()) return;
    await on.clock.advance(minute);
    await on.tick();
  }
  throw new Error('It does not come to that.');
}
const isIn =
  (state: string, name = core) =>
  async () =>
    (await readRotation(name))?.state === state;

const principalOf = (roles: string[], tenant = 'dd678e43-6018-482d-b0e6-ae9c7931c05c') => {
  const claims = [
    { typ: 'tid', val: tenant },
    { typ: 'oid', val: '11111111-2222-4333-8444-555555555555' },
    ...roles.map((val) => ({ typ: 'roles', val })),
  ];
  const principal = { auth_typ: 'aad', claims, name_typ: 'name', role_typ: 'roles' };
  return { 'X-MS-CLIENT-PRINCIPAL': Buffer.from(JSON.stringify(principal)).toString('base64') };
};

describe('who may read the status', () => {
  const person = { idtyp: 'user', scp: 'access_as_user', oid: '11111111-2222-4333-8444-555555555555' };

  test('a program with an app-only token and the role, be that to read or to write', async () => {
    expect((await readStatus()).operator).toEqual({ mayWrite: false });
    expect(parse(statusAnswer, await askStatus({ token: platform })).operator).toEqual({ mayWrite: true });
  });

  test('a person with a delegated token, whom the audit names, and whom nobody gives credentials', async () => {
    const token = await on.token('platform', { claims: { ...person, roles: ['Operations.Read', 'Headers.Read'] } });
    expect((await askStatus({ token })).status).toBe(200);
    expect(audited().at(-1)).toMatchObject({ action: 'status.read', outcome: 'allowed', objectId: person.oid });
    expect(codeOf(await on.headers('core', { token }))).toEqual({ status: 401, code: 'invalid-token' });
  });

  test.each<[string, () => Promise<string | undefined>, number, string]>([
    ['nobody', async () => undefined, 401, 'missing-token'],
    ['a caller', async () => billing, 403, 'forbidden'],
    ['an attacker', () => on.token('auditor', { key: 'attacker' }), 401, 'invalid-token'],
    ['an ID token', () => on.token('auditor', { claims: { idtyp: null, azp: null } }), 401, 'invalid-token'],
    ['a person without a scope', () => on.token('auditor', { claims: { ...person, scp: null } }), 401, 'invalid-token'],
    ['a person without a role', () => on.token('auditor', { claims: { ...person, roles: null } }), 403, 'forbidden'],
    ['another tenant', () => on.token('auditor', { claims: { tid: person.oid } }), 401, 'invalid-token'],
  ])('not %s', async (_who, mint, status, code) => {
    expect(codeOf(await askStatus({ token: await mint() }))).toEqual({ status, code });
    expect(audited().at(-1)).toMatchObject({ action: 'status.read', outcome: 'refused', code });
  });

  test('whoever the platform has signed in, where it says that it signs people in, and else nobody', async () => {
    const headers = principalOf(['Operations.Read']);
    expect(codeOf(await askStatus({ headers }))).toEqual({ status: 401, code: 'missing-token' });
    on.restart(undefined, { isSignInOn: true });
    expect((await askStatus({ headers })).status).toBe(200);
    expect(codeOf(await askStatus({ headers: principalOf([]) }))).toEqual({ status: 403, code: 'forbidden' });
    const foreign = principalOf(['Operations.Read'], '11111111-2222-4333-8444-555555555555');
    expect(codeOf(await askStatus({ headers: foreign }))).toEqual({ status: 401, code: 'invalid-token' });
    expect(codeOf(await askStatus({ headers: { ...headers, authorization: 'Bearer x' } }))).toMatchObject({
      status: 401,
    });
  });

  test('not without end: one loud operator is told to wait, and keeps nobody from steering who may', async () => {
    const statuses: number[] = [];
    for (let asked = 0; asked < 205; asked += 1) statuses.push((await askStatus()).status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(5);
    expect((await askStatus({ token: platform })).status).toBe(200);
    expect((await on.headers('core', { token: billing })).status).toBe(200);
  });
});

describe('the status', () => {
  test('tells what this instance has, and loads nothing for it', async () => {
    await on.tick();
    await readStatus();
    await on.steer('/requests', 'DELETE');
    on.restart();
    const before = await readStatus();
    const targets = (await on.counts()).map(({ target }) => target);
    expect(targets.filter((target) => target === 'vault')).toEqual([]);
    expect(before.subscriptions.map(({ key }) => key.fingerprint)).toEqual([null, null, null]);
    expect(before.readiness).toMatchObject({ ready: false, signingKeys: true });

    const { json } = await on.headers('payments', { token: billing });
    const { readiness, subscriptions, clients } = await readStatus();
    expect(readiness.apis).toContainEqual({ name: 'payments', ready: true });
    expect(readiness.ready).toBe(true);
    const payments = subscriptions.find(({ name }) => name === 'okq8-payments');
    expect(payments?.apis).toEqual(['payments', 'invoices']);
    expect(payments?.key).toMatchObject({ fingerprint: json.id.slice(3, 15), readOn: expect.any(String) });
    const token = clients[0]?.tokens.find(({ scope }) => scope === 'api://apim-okq8-payments-api/.default');
    expect(token?.fingerprint).toBe(json.id.slice(15, 27));
  });

  test('tells what rotation says of a key, and when a client secret ends', async () => {
    await on.steer('/vault/okq8-client-secret', 'POST', { expires: '20d' });
    await tickUntil(async () => (await readRotation())?.primary.promisedUntil !== null);
    await on.tick();
    on.restart();
    await on.headers('core', { token: billing });
    await on.headers('payments', { token: billing });
    const { subscriptions, clients } = await readStatus();
    const [{ key, rotation } = {}] = subscriptions;
    expect(key).toMatchObject({ generation: rotation?.generation, slot: 'primary' });
    expect(key?.safeUntil).toBe(rotation?.primary.promisedUntil);
    expect(clients.map(({ secret }) => secret.daysLeft)).toEqual([19, null]);
  });

  test('reads each rotation record once for many who look', async () => {
    await on.tick();
    await on.steer('/requests', 'DELETE');
    await Promise.all(Array.from({ length: 20 }, () => readStatus()));
    const reads = (await on.counts()).filter(({ target, method }) => target === 'storage' && method === 'GET');
    expect(reads.map(({ count }) => count)).toEqual([1, 1, 1]);
  });

  test('is there when storage is down, and says so of the rotations alone', async () => {
    await on.steer('/faults', 'POST', { target: 'storage', status: 503 });
    const { subscriptions } = await readStatus();
    expect(subscriptions.map(({ rotation, rotationProblem }) => [rotation, rotationProblem])).toEqual(
      subscriptions.map(() => [null, 'storage-unavailable']),
    );
    expect(codeOf(await askRotation(core))).toEqual({ status: 503, code: 'upstream-unavailable' });
    expect(codeOf(await ask(`${core}/pause`))).toEqual({ status: 503, code: 'upstream-unavailable' });
    expect((await on.headers('core', { token: billing })).status).toBe(200);
  });

  test('says which record cannot be read, beside those that can', async () => {
    await on.tick();
    const identity = createIdentity(on.clock, {
      clientId: undefined,
      upstreamTimeoutMs: () => 3_000,
      onFailure: () => {},
    });
    const table = new TableClient(on.stack.ready().storage ?? '', 'rotation', identity);
    const { partitionKey = '', rowKey = '', ...fields } = await table.getEntity('partner-loyalty', 'record');
    await table.updateEntity({ partitionKey, rowKey, ...fields, record: '{}' }, 'Replace');
    const seen = Object.fromEntries(
      (await readStatus()).subscriptions.map(({ name, rotationProblem }) => [name, rotationProblem]),
    );
    expect(seen).toEqual({ [core]: null, 'okq8-payments': null, 'partner-loyalty': 'record-corrupt' });
    expect(parse(rotationAnswer, await askRotation('partner-loyalty'))).toMatchObject({
      rotation: null,
      problem: 'record-corrupt',
      history: [expect.objectContaining({ event: 'adopted' })],
    });
    await table.updateEntity({ partitionKey, rowKey, ...fields }, 'Replace');
  });

  test('is told to nobody by the probes', async () => {
    const { status, text } = await on.ask('readyz', 'readyz');
    expect([status, text]).toEqual([200, '{"status":"ready"}']);
  });

  test('counts what callers were answered, and tells what failed last until it is well again', async () => {
    await on.steer('/faults', 'POST', { target: 'entra', path: '*/oauth2/v2.0/token', status: 503 });
    expect((await on.headers('payments', { token: billing })).status).toBe(503);
    expect((await on.headers('core', { token: billing })).status).toBe(200);
    expect((await on.headers('loyalty', { token: billing })).status).toBe(403);
    const seen = await readStatus();
    const [caller] = seen.callers;
    expect(caller).toMatchObject({ name: 'billing', handOuts: { allowed: 1, refused: 1, failed: 1 } });
    expect(caller?.lastOn).toBe(seen.generatedOn);
    const { handOuts, refusals, cacheMisses, upstreamFailures } = seen.figures;
    expect([handOuts, refusals, cacheMisses].map((series) => series.at(-1))).toEqual([1, 2, 3]);
    expect(upstreamFailures.at(-1)).toBeGreaterThan(0);
    expect(seen.clients[0]?.tokens[0]?.lastFailure).toMatchObject({ reason: 'entra-unavailable' });
    expect(seen.clients[0]?.tokens[1]?.lastFailure).toBeNull();

    await on.steer('/faults', 'DELETE');
    await on.clock.advance(minute);
    expect((await on.headers('payments', { token: billing })).status).toBe(200);
    expect((await readStatus()).clients[0]?.tokens[0]?.lastFailure).toBeNull();
  });

  test('takes no query', async () => {
    const reply = await on.ask('status', 'v1/status?verbose=1', { token: auditor });
    expect(codeOf(reply)).toEqual({ status: 400, code: 'invalid-request' });
  });
});

describe('a rotation', () => {
  test('that does not exist is said not to, to operators alone', async () => {
    expect(codeOf(await askRotation('nosuch'))).toEqual({ status: 404, code: 'not-found' });
    expect(codeOf(await ask('nosuch/pause'))).toEqual({ status: 404, code: 'not-found' });
    const asked = await on.ask('rotation', 'v1/rotations/nosuch', { token: billing });
    expect(codeOf(asked)).toEqual({ status: 403, code: 'forbidden' });
  });

  test('that is not configured is said to be none, and cannot be steered', async () => {
    on.restart((config) => ({
      ...config,
      subscriptions: config.subscriptions.map((one) => (one.name === core ? { ...one, rotation: undefined } : one)),
    }));
    expect(parse(rotationAnswer, await askRotation(core))).toEqual({
      subscription: core,
      rotation: null,
      problem: 'not-rotated',
      history: [],
    });
    expect(codeOf(await ask(`${core}/pause`))).toEqual({ status: 409, code: 'conflict' });
    expect(audited().at(-1)).toMatchObject({ reason: 'not-rotated', action: 'rotation.pause' });
  });
});

describe('a steering call is refused', () => {
  test.each<[string, Steering, number, string, string]>([
    ['of who may only read', { token: 'auditor' }, 403, 'forbidden', 'role-missing'],
    ['of a caller', { token: 'billing' }, 403, 'forbidden', 'role-missing'],
    ['without a key', { key: '' }, 400, 'invalid-request', 'idempotency-key-missing'],
    ['with a key that is none', { key: 'a b' }, 400, 'invalid-request', 'idempotency-key-malformed'],
    ['as a form', { headers: { 'Content-Type': 'text/plain' } }, 400, 'invalid-request', 'content-type-unsupported'],
    ['without a reason', { body: {} }, 400, 'invalid-request', 'body-malformed'],
    ['with an empty reason', { body: { reason: '  ' } }, 400, 'invalid-request', 'body-malformed'],
    ['with a reason of two lines', { body: { reason: 'a\nb' } }, 400, 'invalid-request', 'body-malformed'],
    ['with a long reason', { body: { reason: 'a b'.repeat(67) } }, 400, 'invalid-request', 'body-malformed'],
    [
      'with a key in its reason',
      { body: { reason: `leaked: ${'CANARY12'.repeat(4)}` } },
      400,
      'invalid-request',
      'body-malformed',
    ],
    ['with more than that', { body: { ...drill, force: true } }, 400, 'invalid-request', 'body-malformed'],
    ['with the reason twice', { body: '{"reason":"a","reason":"b"}' }, 400, 'invalid-request', 'body-malformed'],
    ['with a long body', { body: { reason: 'å'.repeat(2_050) } }, 400, 'invalid-request', 'body-too-long'],
  ])('%s', async (_what, { token, ...asked }, status, code, reason) => {
    await on.tick();
    const own = token === undefined ? {} : { token: await on.token(token) };
    const reply = await ask(`${core}/pause`, { ...asked, ...own });
    expect(codeOf(reply)).toEqual({ status, code });
    expect(audited().at(-1)).toMatchObject({ action: 'rotation.pause', outcome: 'refused', reason });
    expect(JSON.stringify([reply, on.lines])).not.toContain('CANARY');
    expect(await readRotation()).toMatchObject({ paused: false });
  });

  test('for a command that there is none of, as any unknown route', async () => {
    expect(codeOf(await ask(`${core}/delete`))).toEqual({ status: 404, code: 'not-found' });
    const get = await on.ask('steering', `v1/rotations/${core}/pause`, { token: platform });
    expect([codeOf(get), get.headers['Allow']]).toEqual([{ status: 405, code: 'method-not-allowed' }, 'POST']);
  });

  test('from a page of another site, whoever has signed in', async () => {
    on.restart(undefined, { isSignInOn: true });
    await on.tick();
    const own = {
      ...principalOf(['Operations.Write']),
      'Content-Type': 'application/json',
      'Idempotency-Key': freshKey(),
      'Sec-Fetch-Site': 'same-origin',
    };
    const pause = (headers: Record<string, string>) =>
      on.ask('steering', `v1/rotations/${core}/pause`, { method: 'POST', headers, body: JSON.stringify(drill) });
    const crossSite = await pause({ ...own, 'Sec-Fetch-Site': 'cross-site' });
    expect(codeOf(crossSite)).toEqual({ status: 403, code: 'forbidden' });
    expect(codeOf(await pause({ ...own, 'Content-Type': 'text/plain' }))).toMatchObject({ status: 400 });
    expect(await readRotation()).toMatchObject({ paused: false });
    expect((await pause(own)).status).toBe(200);
    expect(await readRotation()).toMatchObject({ paused: true });
    await steer(`${core}/resume`);
  });

  test('where the state does not allow it, with what to do', async () => {
    await on.tick();
    const replies = [await ask(`${core}/resume`), await ask(`${core}/rollback`)];
    expect(replies.map(codeOf)).toEqual(replies.map(() => ({ status: 409, code: 'conflict' })));
    expect(audited().map(({ reason }) => reason)).toEqual(['already-so', 'not-draining']);
    expect(replies.map(({ json }) => json.detail)).toEqual([
      expect.stringMatching(/already so/),
      expect.stringMatching(/drains/),
    ]);
  });
});

describe('an Idempotency-Key', () => {
  test('carries a command out once, also through a restart and at another instance, and answers alike', async () => {
    await on.tick();
    const key = freshKey();
    const first = await steer(`${core}/pause`, { key });
    expect(first).toMatchObject({ replayed: false, outage: null, rotation: { paused: true } });
    await steer(`${core}/resume`);
    on.restart();
    await on.clock.advance(minute);
    const again = await steer(`${core}/pause`, { key });
    expect(again).toEqual({ ...first, replayed: true });
    expect(await readRotation()).toMatchObject({ paused: false });
    expect(
      audited()
        .filter(({ action }) => action === 'rotation.pause')
        .map(({ replayed }) => replayed),
    ).toEqual([false, true]);
  });

  test('at two instances at once carries it out once', async () => {
    await on.tick();
    const asked = { key: freshKey(), body: { reason: 'asked twice at once' } };
    const one = ask(`${core}/pause`, asked);
    on.restart();
    const answers = [one, ask(`${core}/pause`, asked)].map(async (reply) => parse(steeringAnswer, await reply));
    expect(
      (await Promise.all(answers)).map(({ replayed }) => replayed).toSorted((a, b) => Number(a) - Number(b)),
    ).toEqual([false, true]);
    const { history } = parse(rotationAnswer, await askRotation(core));
    expect(history.filter(({ statedReason }) => statedReason === asked.body.reason)).toHaveLength(1);
    await steer(`${core}/resume`);
  });

  test('of another request is refused', async () => {
    await on.tick();
    const key = freshKey();
    await steer(`${core}/pause`, { key });
    for (const other of [ask(`${core}/resume`, { key }), ask(`${core}/pause`, { key, body: { reason: 'another' } })]) {
      expect(codeOf(await other)).toEqual({ status: 409, code: 'conflict' });
    }
    await steer(`${core}/resume`);
  });

  test('answers when the answer to the write was lost', async () => {
    await on.tick();
    const key = freshKey();
    await on.steer('/faults', 'POST', { target: 'storage', path: '*/$batch', after: true, reset: true, times: 1 });
    expect(codeOf(await ask(`${core}/pause`, { key }))).toEqual({ status: 503, code: 'upstream-unavailable' });
    expect(await steer(`${core}/pause`, { key })).toMatchObject({ replayed: true, rotation: { paused: true } });
    await steer(`${core}/resume`);
  });
});

describe('steering moves the machine', () => {
  test('a start is taken up at the next tick, though the subscription rests; a pause holds it; a rollback turns it back', async () => {
    await tickUntil(async () => (await readRotation())?.primary.promisedUntil !== null);
    // The secondary is drained, and the subscription rests.
    await on.clock.advance(10 * minute);
    for (let ticks = 0; ticks < 3; ticks += 1) await on.tick();
    expect(await readRotation()).toMatchObject({ state: 'idle', overdue: false });

    const body = { reason: 'övning: byt nyckel nu' };
    const { rotation } = await steer(`${core}/start`, { body });
    expect(rotation.plan.map(({ state }) => state).slice(0, 3)).toEqual([
      'idle',
      'regenerating-secondary',
      'settling-secondary',
    ]);
    expect(audited().at(-1)).toMatchObject({
      action: 'rotation.start',
      outcome: 'allowed',
      subscription: core,
      statedReason: body.reason,
      objectId: '033e5408-6f75-40c0-a6a1-e15b0cd2f852',
      clientId: '7a8310ce-208d-49a2-b7e7-5c0248be88dd',
    });
    await on.clock.advance(1_000);
    await on.tick();
    expect(await readRotation()).toMatchObject({ state: 'regenerating-secondary' });
    const { history } = parse(rotationAnswer, await askRotation(core));
    expect(history.slice(0, 2)).toMatchObject([
      { event: 'entered', statedReason: null },
      { event: 'asked-to-start', by: '033e5408-6f75-40c0-a6a1-e15b0cd2f852', statedReason: body.reason },
    ]);

    await steer(`${core}/pause`);
    for (let ticks = 0; ticks < 3; ticks += 1) await on.tick();
    expect(await readRotation()).toMatchObject({ state: 'regenerating-secondary', paused: true });
    await steer(`${core}/resume`);
    await tickUntil(isIn('draining-primary'));
    expect((await readRotation())?.drainedOn).not.toBeNull();

    const before = on.stack.apiManagement.keys(core);
    await steer(`${core}/rollback`);
    await tickUntil(isIn('draining-secondary'));
    expect(await readRotation()).toMatchObject({ activeSlot: 'primary' });
    expect(on.stack.apiManagement.keys(core)).toEqual(before);
    await tickUntil(isIn('idle'));
  }, 120_000);

  test('an emergency needs its confirmation, says what it breaks, and gets rid of the key', async () => {
    await tickUntil(isIn('idle'));
    const compromised = on.stack.apiManagement.keys(core)?.primary ?? '';
    const unconfirmed = await ask(`${core}/emergency`);
    expect(codeOf(unconfirmed)).toEqual({ status: 400, code: 'invalid-request' });
    expect(unconfirmed.json.detail).toMatch(/fail .* until their expiresOn.*confirm/);
    expect(codeOf(await ask(`${core}/emergency`, { body: { ...drill, confirm: 'okq8-payments' } }))).toMatchObject({
      status: 400,
    });

    const body = { reason: 'the key stood in a log', confirm: core };
    const { outage, rotation } = await steer(`${core}/emergency`, { body });
    expect(outage).toMatch(/primary key fail .* 300 s/);
    expect(rotation).toMatchObject({ compromised: 'primary' });
    expect(rotation.plan.slice(0, 3).map(({ state }) => state)).toEqual([
      'idle',
      'publishing-secondary',
      'draining-primary',
    ]);
    await tickUntil(isIn('settling-primary'), 6);
    expect(on.stack.apiManagement.keys(core)?.primary).not.toBe(compromised);
    expect(await readRotation()).toMatchObject({ activeSlot: 'secondary', overdue: false });
  }, 120_000);
});

test('no answer, log line or audit record of an operator’s has a key, a token, a principal or an Idempotency-Key in it', async () => {
  on.restart(undefined, { isSignInOn: true });
  await on.headers('payments', { token: billing });
  const key = freshKey();
  const principal = principalOf(['Operations.Read']);
  const replies = [
    await askStatus(),
    await askStatus({ headers: principal }),
    await askStatus({ headers: { 'X-MS-CLIENT-PRINCIPAL': 'CANARYfeedface' } }),
    await askRotation('okq8-payments'),
    await ask('okq8-payments/pause', { key: `CANARY-${key}` }),
    await ask('okq8-payments/resume', { key: `CANARY-${key}` }),
    await ask('okq8-payments/resume', { body: '{"reason":"CANARYfeedface","CANARY":1}' }),
    await ask('okq8-payments/resume'),
  ];
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 401, 200, 200, 409, 400, 200]);
  const text = JSON.stringify([replies, on.lines]);
  const secrets = [core, 'okq8-payments', 'partner-loyalty'].flatMap((name) =>
    Object.values(on.stack.apiManagement.keys(name) ?? {}),
  );
  const tokens = [platform, auditor, billing].map((token) => token.split('.')[2] ?? '');
  for (const secret of [...secrets, ...tokens, Object.values(principal)[0] ?? '', 'CANARY']) {
    expect(secret.length).toBeGreaterThan(5);
    expect(text).not.toContain(secret);
  }
});
