import { describe, expect, test } from '@jest/globals';
import { readSidecarOptions } from '../../../shared/http/sidecar-options.ts';
import { refusalOf, requestOf } from './exchange.ts';
import { unsupportedOptions } from '../../support/sidecar-unsupported.ts';

const url = 'https://broker.example/AuthorizationHeader/payments';
const option = 'optionsOverride.AcquireTokenOptions.ForceRefresh';

const get = (query: string) => readSidecarOptions(requestOf({ url: url + query }));
const post = (body: unknown, query = '') =>
  readSidecarOptions(
    requestOf({
      method: 'POST',
      url: url + query,
      headers: { 'content-type': 'application/json' },
      body: { string: typeof body === 'string' ? body : JSON.stringify(body) },
    }),
  );
const malformed = { code: 'invalid-request', reason: 'options-malformed' };

describe('a forced refresh', () => {
  test.each([
    [`?${option}=true`, true],
    [`?${option}=false`, false],
    [`?${option.toUpperCase()}=TRUE`, true],
    [`?${option.toLowerCase()}=False`, false],
    ['', false],
    ['?', false],
  ])('is asked for in the query by its name, in any case: %j is %p', async (query, forceRefresh) => {
    expect(await get(query)).toEqual({ forceRefresh });
  });

  test.each([
    [{ acquireTokenOptions: { forceRefresh: true } }, true],
    [{ acquireTokenOptions: { forceRefresh: false } }, false],
    [{ AcquireTokenOptions: { ForceRefresh: 'True' } }, true],
    [{ acquireTokenOptions: { forceRefresh: true, tenant: null }, scopes: null }, true],
    [{ acquireTokenOptions: null }, false],
    [{}, false],
    ['', false],
  ])('is asked for in the body of a POST: %j is %p', async (body, forceRefresh) => {
    expect(await post(body)).toEqual({ forceRefresh });
  });

  test('is asked for in the query of a POST, whose body may say nothing', async () => {
    expect(await post('', `?${option}=true`)).toEqual({ forceRefresh: true });
  });

  test('is not asked for in the body of anything but a POST', async () => {
    const body = { string: JSON.stringify({ acquireTokenOptions: { forceRefresh: true } }) };
    const request = requestOf({ method: 'PUT', url, headers: { 'content-type': 'application/json' }, body });
    expect(await readSidecarOptions(request)).toEqual({ forceRefresh: false });
  });

  test.each(['1', '', 'yes', 'truely', 'untrue', 'not false', 'falsehood', 'true '])(
    'is true or false and nothing else: %j',
    async (value) => {
      expect(await refusalOf(get(`?${option}=${encodeURIComponent(value)}`))).toEqual(malformed);
      expect(await refusalOf(post({ acquireTokenOptions: { forceRefresh: value } }))).toEqual(malformed);
    },
  );

  test.each([
    ['twice in the query', () => get(`?${option}=true&${option.toLowerCase()}=true`)],
    ['in the query and in the body', () => post({ acquireTokenOptions: { forceRefresh: true } }, `?${option}=true`)],
    ['twice in the body', () => post({ acquireTokenOptions: { forceRefresh: true, ForceRefresh: false } })],
  ])('is asked for once: refused %s', async (_how, read) => {
    expect(await refusalOf(read())).toEqual(malformed);
  });

  test.each([
    ['no JSON', '{'],
    ['a list', []],
    ['a text', '"x"'],
    ['null', 'null'],
  ])('is read from a JSON object: refused for %s', async (_what, body) => {
    expect(await refusalOf(post(body))).toEqual(malformed);
  });

  test('is read from no more than 4 KB', async () => {
    const padded = (length: number) => '{}'.padEnd(length);
    expect(await post(padded(4_096))).toEqual({ forceRefresh: false });
    expect(await refusalOf(post(padded(4_097)))).toEqual({ code: 'invalid-request', reason: 'body-too-long' });
  });
});

describe('what a sidecar takes and the broker does not', () => {
  test.each([
    ...unsupportedOptions,
    ['agentUsername', 'agent-unsupported'],
    ['optionsOverride.ExtraHeaderParameters', 'call-options-unsupported'],
    ['optionsOverride.ScopesOfMine', 'option-unsupported'],
    ['optionsOverride.RequestAppTokens', 'option-unsupported'],
    ['optionsOverride.AcquireTokenOptions.Tenants', 'option-unsupported'],
    ['optionsOverride.AcquireTokenOptions.ClaimsOfMine', 'option-unsupported'],
    ['optionsOverride.AcquireTokenOptions.PopClaimsOfMine', 'option-unsupported'],
    ['optionsOverride.BaseUrls', 'option-unsupported'],
    ['optionsOverride.ExtraParameters', 'option-unsupported'],
  ])('is refused by name: %s is %s', async (name, reason) => {
    expect(await refusalOf(get(`?${name}=true`))).toEqual({ code: 'unsupported', reason });
  });

  test.each([
    [{ scopes: ['a'] }, 'scopes-unsupported'],
    [{ acquireTokenOptions: { forceRefresh: true, claims: '{}' } }, 'claims-unsupported'],
    [{ extraHeaderParameters: { 'X-A': 'b' } }, 'call-options-unsupported'],
    [{ acquireTokenOptions: {} }, 'option-unsupported'],
    [{ acquireTokenOptions: 'x' }, 'option-unsupported'],
    [{ acquireTokenOptions: ['forceRefresh'] }, 'option-unsupported'],
  ])('is refused in a body, too: %j is %s', async (body, reason) => {
    expect(await refusalOf(post(body))).toEqual({ code: 'unsupported', reason });
  });

  test.each([
    'x',
    'xAgentIdentity',
    'AgentIdentityX',
    'x.optionsOverride.Scopes',
    'x.optionsOverride.RequestAppToken',
    'x.optionsOverride.AcquireTokenOptions.Tenant',
    'x.optionsOverride.AcquireTokenOptions.Claims',
    'x.optionsOverride.AcquireTokenOptions.PopClaim',
    'x.optionsOverride.BaseUrl',
    'optionsOverrides',
  ])('is told from what neither takes: %s', async (name) => {
    expect(await refusalOf(get(`?${name}=true`))).toEqual({ code: 'invalid-request', reason: 'query-unknown' });
  });
});
