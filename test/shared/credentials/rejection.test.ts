import { describe, expect, it } from '@jest/globals';
import { blame, readId } from '../../../shared/credentials/rejection.ts';

describe('what an API’s 401 is about', () => {
  it.each([
    [
      'Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.',
      'key',
    ],
    [
      '{ "statusCode": 401, "message": "Access denied due to missing subscription key. Make sure to include it." }',
      'key',
    ],
    ['{"statusCode": 401, "message": "Unauthorized. Access token is missing or invalid."}', 'token'],
    ['Invalid Subscription Key', 'key'],
    ['', 'unknown'],
    ['Unauthorized', 'unknown'],
    ['Access token is missing or invalid. Access denied due to invalid subscription key.', 'unknown'],
  ])('%s: %s', (text, expected) => {
    expect(blame(text)).toBe(expected);
  });
});

it('reads the fingerprints of an id, with and without a token', () => {
  expect(readId('hs_aaaaaaaaaaaabbbbbbbbbbbb')).toEqual({ key: 'aaaaaaaaaaaa', token: 'bbbbbbbbbbbb' });
  expect(readId('hs_aaaaaaaaaaaa')).toEqual({ key: 'aaaaaaaaaaaa', token: '' });
});
