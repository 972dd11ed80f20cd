import { describe, expect, test } from '@jest/globals';
import { findingsOf } from '../../../cli/status/findings.ts';
import { verdictOf } from '../../../cli/status/verdict.ts';
import type { StatusAnswer } from '../../../shared/http/contract/status.ts';
import { at, key, rotation, status, withClient, withRotation, withSubscription } from '../samples.ts';

const day = 86_400;
const failed = (times: number, seconds = -120) => ({ on: at(seconds), reason: 'vault-unavailable', times });
const withKey = (changes: object) => withSubscription({ key: { ...key, ...changes } });
const [token] = status.clients[0]?.tokens ?? [];
const secret = (expiresIn: number) =>
  withClient({ secret: { expiresOn: at(expiresIn), daysLeft: 0, lastFailure: null } });
const certificate = (expiresIn: number) =>
  withClient({ credential: 'certificate', secret: { expiresOn: at(expiresIn), daysLeft: 0, lastFailure: null } });
const tokens = (changes: object) => withClient({ tokens: token ? [{ ...token, ...changes }] : [] });
const readiness = (changes: object): StatusAnswer => ({ ...status, readiness: { ...status.readiness, ...changes } });
const noneReady = status.readiness.apis.map(({ name }) => ({ name, ready: false }));

test('where all is well there is nothing to tell', () => {
  expect(findingsOf(status)).toEqual([]);
  expect(verdictOf([])).toEqual({ tone: 'well', text: 'All is well.' });
});

describe('what is not well, or will not be, is told', () => {
  test.each<[string, StatusAnswer, string[]]>([
    [
      'no signing keys',
      readiness({ ready: false, signingKeys: false }),
      ['fault instance: has no signing keys of the tenant'],
    ],
    [
      'an instance that nobody has asked',
      readiness({ ready: false, apis: noneReady }),
      ['note instance: has nothing at hand for any API'],
    ],
    [
      'an API that nobody has asked for',
      readiness({ apis: noneReady.slice(0, 1) }),
      ['note instance: has nothing at hand for any API'],
    ],
    [
      'an instance that can hand out nothing',
      {
        ...withKey({ usableUntil: null, lastFailure: failed(4) }),
        readiness: { ...status.readiness, ready: false, apis: noneReady },
      },
      [
        'fault instance: is not ready',
        'fault okq8-payments: key cannot be had: vault-unavailable, 4 times in a row, last 2 min ago; none is at hand',
      ],
    ],
    [
      'a key that cannot be renewed and lasts for now',
      withKey({ usableUntil: at(240), lastFailure: failed(2) }),
      [
        'warning okq8-payments: key cannot be had: vault-unavailable, 2 times in a row, last 2 min ago; what is there lasts another 4 min',
      ],
    ],
    [
      'a key that has run out',
      withKey({ usableUntil: at(-1), lastFailure: failed(1) }),
      ['fault okq8-payments: key cannot be had: vault-unavailable, 2 min ago; none is at hand'],
    ],
    [
      'a token that cannot be had',
      tokens({ usableUntil: null, lastFailure: { ...failed(1), reason: 'entra-secret-wrong' } }),
      ['fault okq8: token for api://apim-okq8-payments-api/.default cannot be had: entra-secret-wrong'],
    ],
    ['a key that nobody has asked for', withKey({ usableUntil: at(-600) }), []],
    [
      'a record that cannot be read',
      withSubscription({ rotation: null, rotationProblem: 'storage-unavailable' }),
      ['fault okq8-payments: rotation stands still'],
    ],
    [
      'a record that was never made',
      withSubscription({ rotation: null, rotationProblem: 'no-record' }),
      ['warning okq8-payments: has no rotation record'],
    ],
    [
      'a record that is not made yet',
      {
        ...withSubscription({ rotation: null, rotationProblem: 'no-record' }),
        instance: { name: 'x', startedOn: at(-30) },
      },
      ['note okq8-payments: has no rotation record yet'],
    ],
    [
      'a compromised key',
      withRotation({ compromised: 'primary' }),
      ['fault okq8-payments: the primary key is compromised'],
    ],
    [
      'a step that failed twice',
      withRotation({ lastFailure: failed(2) }),
      ['warning okq8-payments: rotation fails: vault-unavailable, 2 times'],
    ],
    [
      'a step that failed three times',
      withRotation({ lastFailure: failed(3) }),
      ['fault okq8-payments: rotation fails: vault-unavailable, 3 times'],
    ],
    [
      'an overdue rotation',
      withRotation({ overdue: true, state: 'settling-primary' }),
      ['warning okq8-payments: rotation is overdue in settling-primary'],
    ],
    [
      'a person who is waited for',
      withRotation({ waitsForPerson: true }),
      ['warning okq8-payments: somebody must regenerate a key'],
    ],
    ['a paused rotation', withRotation({ paused: true }), ['note okq8-payments: rotation is paused']],
    [
      'a promise that ran out',
      withRotation({ primary: { ...rotation.primary, promisedUntil: at(-120) } }),
      ['fault okq8-payments: the promise of the active key ran out 2 min ago'],
    ],
    [
      'the other key’s promise that ended',
      withRotation({ secondary: { ...rotation.secondary, promisedUntil: at(-120) } }),
      [],
    ],
    ['a secret that has expired', secret(-day), ['fault okq8: client secret expired 24 h ago']],
    ['a secret with a week', secret(7 * day), ['warning okq8: client secret expires in 7 d']],
    ['a secret with 30 days', secret(30 * day), ['warning okq8: client secret expires in 30 d']],
    ['a secret with 31 days', secret(31 * day), ['note okq8: client secret expires in 31 d']],
    ['a secret with 61 days', secret(61 * day), []],
    ['a certificate with a week', certificate(7 * day), ['warning okq8: certificate expires in 7 d']],
    [
      'a secret that cannot be read',
      withClient({ secret: { expiresOn: null, daysLeft: null, lastFailure: failed(1) } }),
      ['warning okq8: client secret cannot be read: vault-unavailable'],
    ],
    [
      'a configuration that was refused',
      { ...status, configuration: { ...status.configuration, lastFailure: failed(1), problems: ['a', 'b'] } },
      ['warning configuration: a newer one is not in use: vault-unavailable, 2 min ago; its 2 problems below'],
    ],
  ])('%s', (_, given, told) => {
    const found = findingsOf(given).map(({ grade, subject, text }) => `${grade} ${subject}: ${text}`);
    expect(found).toEqual(told.map((each) => expect.stringContaining(each)));
  });
});

test('the most urgent comes first, and the verdict counts', () => {
  const given = { ...withRotation({ paused: true, compromised: 'primary' }), clients: secret(9 * day).clients };
  const found = findingsOf(given);
  expect(found.map(({ grade }) => grade)).toEqual(['fault', 'warning', 'note']);
  expect(verdictOf(found)).toEqual({ tone: 'fault', text: 'Not well: 1 fault, 1 warning.' });
  expect(verdictOf(found.slice(1)).text).toBe('Well so far, with 1 warning.');
  expect(verdictOf(found.slice(2)).text).toBe('All is well.');
});
