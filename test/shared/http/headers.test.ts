import { describe, expect, test } from '@jest/globals';
import { createManualClock } from '../../support/manual-clock.ts';
import { refusalOf } from './exchange.ts';
import { createHeadersFixture, keyValue, needing, paymentsAnswer } from './offers.ts';

const bodyOf = async (answer: Promise<{ body: string }>) => JSON.parse((await answer).body) as unknown;

describe('GET /v1/headers/{api}', () => {
  test('answers with the header set, and when it ends', async () => {
    expect(await bodyOf(createHeadersFixture().ask('payments'))).toEqual(paymentsAnswer('.default'));
  });

  test('answers for a key-only API with the key alone', async () => {
    expect(await bodyOf(createHeadersFixture().ask('core'))).toMatchObject({
      headers: { 'Ocp-Apim-Subscription-Key': keyValue },
    });
    const { headers } = (await bodyOf(createHeadersFixture().ask('core'))) as { headers: object };
    expect(Object.keys(headers)).toEqual(['Ocp-Apim-Subscription-Key']);
  });

  test('notes for the audit what was given, by fingerprint', async () => {
    const { ask, facts } = createHeadersFixture();
    await ask('payments', '?access=get');
    expect(facts).toEqual({
      api: 'payments',
      access: 'get',
      key: 'keykeykeykey',
      token: 'tokentokento',
      expiresOn: '2026-11-24T03:04:59.999Z',
    });
    expect(JSON.stringify(facts)).not.toContain('CANARY');
  });

  test('notes for the audit the very moment that the caller is told', async () => {
    const clock = createManualClock();
    let reads = 0;
    const { ask, facts } = createHeadersFixture({ ...clock, wall: () => clock.wall() + (reads += 1) });
    const answer = (await bodyOf(ask('payments'))) as { expiresOn: string };
    expect(facts.expiresOn).toBe(answer.expiresOn);
  });
});

describe('the access level', () => {
  test.each([
    ['', '.default'],
    ['?access=.default', '.default'],
    ['?access=get', 'get'],
  ])('of the query %j is %s', async (query, level) => {
    const { ask, issued } = createHeadersFixture();
    await ask('payments', query);
    expect(issued).toEqual([needing(level)]);
  });

  test.each([
    ['payments', '?access=post'],
    ['payments', '?access='],
    ['payments', '?access=GET'],
    ['payments', '?access=constructor'],
    ['core', '?access=.default'],
  ])('of %s cannot be %j, and nothing is fetched', async (api, query) => {
    const { ask, issued, facts } = createHeadersFixture();
    expect(await refusalOf(ask(api, query))).toEqual({ code: 'invalid-request', reason: 'access-unknown' });
    expect(issued).toEqual([]);
    expect(facts).toEqual({ api });
  });
});

describe('an API', () => {
  test.each(['nosuch', 'secret-api', 'constructor'])(
    'that the caller may not have is refused before any cache: %s',
    async (api) => {
      const { ask, issued } = createHeadersFixture();
      expect(await refusalOf(ask(api))).toMatchObject({ code: 'forbidden' });
      expect(issued).toEqual([]);
    },
  );

  test('that the caller may not have is refused whatever access level is asked for', async () => {
    const { ask } = createHeadersFixture();
    expect(await refusalOf(ask('secret-api', '?access=x'))).toMatchObject({ code: 'forbidden' });
    expect(await refusalOf(ask('nosuch', '?access=x'))).toMatchObject({ code: 'forbidden' });
  });

  test('that the caller may not have is noted for the audit', async () => {
    const { ask, facts } = createHeadersFixture();
    await refusalOf(ask('secret-api'));
    expect(facts).toEqual({ api: 'secret-api' });
  });

  test('that does not exist is not noted: its name is a text from outside', async () => {
    const { ask, facts } = createHeadersFixture();
    await refusalOf(ask('nosuch'));
    expect(facts).toEqual({});
  });

  test.each(['', 'Core', '1core', 'co_re', 'core ', 'a'.repeat(64), '*', '..', 'core\n', '__proto__', 'å'])(
    'is not called %j',
    async (api) => {
      const { ask, issued } = createHeadersFixture();
      expect(await refusalOf(ask(api))).toEqual({ code: 'invalid-request', reason: 'api-malformed' });
      expect(issued).toEqual([]);
    },
  );

  test('is looked at after the query', async () => {
    const { ask } = createHeadersFixture();
    expect(await refusalOf(ask('Core', '?tenant=x'))).toEqual({ code: 'invalid-request', reason: 'query-unknown' });
  });
});
