import { describe, expect, test } from '@jest/globals';
import { createHeadersFixture, keyValue, tokenValue } from './offers.ts';

const json = 'application/json';
const text = 'text/plain; charset=utf-8';
const typeFor = async (headers: Record<string, string>) =>
  (await createHeadersFixture().ask('payments', '', headers)).headers['Content-Type'];

describe('the form of a header set', () => {
  test('is JSON where the caller does not say', async () => {
    expect(await typeFor({})).toBe(json);
  });

  test.each([
    ['*/*', json],
    ['application/json', json],
    ['application/*', json],
    ['text/plain', text],
    ['TEXT/PLAIN', text],
    ['text/*', text],
    ['text/plain, */*', text],
    ['text/plain;q=0.9, */*;q=0.1', text],
    ['text/plain;q=0.5, application/json', json],
    ['application/json;q=0.5, text/plain', text],
    ['application/json;q=0, */*', text],
    ['text/plain;q=0, */*', json],
    ['text/plain, application/json', text],
    ['application/json, text/plain', json],
    ['text/html, application/xhtml+xml, */*;q=0.8', json],
    // Nothing that we have: RFC 9110, section 12.4.1 lets us answer all the same.
    ['image/png', json],
    ['', json],
    ['nonsense', json],
    [',;q=', json],
  ])('for Accept: %j is %s', async (accept, type) => {
    expect(await typeFor({ accept })).toBe(type);
  });

  test('is what an Accept of 1,024 characters asks for; a longer one is not read, because that takes ever longer', async () => {
    expect(await typeFor({ accept: `text/plain,${'a/b,'.repeat(253)}` })).toBe(text);
    expect(await typeFor({ accept: `text/plain,${'a/b,'.repeat(254)}` })).toBe(json);
  });

  test('for Accept: text/plain; charset=utf-8 is text', async () => {
    expect(await typeFor({ accept: text })).toBe(text);
  });

  test('is one that caches tell apart, though none may keep it', async () => {
    const { ask } = createHeadersFixture();
    expect((await ask('core')).headers['Vary']).toBe('Accept');
    expect((await ask('core', '', { accept: 'text/plain' })).headers['Vary']).toBe('Accept');
  });

  test('as text is header lines, made for curl -H @-', async () => {
    const { body } = await createHeadersFixture().ask('payments', '', { accept: 'text/plain' });
    expect(body).toBe(`Ocp-Apim-Subscription-Key: ${keyValue}\nAuthorization: ${tokenValue}\n`);
  });

  test('as text has the key alone for a key-only API', async () => {
    const { body } = await createHeadersFixture().ask('core', '', { accept: 'text/plain' });
    expect(body).toBe(`Ocp-Apim-Subscription-Key: ${keyValue}\n`);
  });
});
