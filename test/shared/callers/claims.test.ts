import { describe, expect, test } from '@jest/globals';
import { validateClaims } from '../../../shared/callers/claims.ts';
import type { Reason } from '../../../shared/errors.ts';
import { caller, claimsAt, expected, type Members } from '../../support/caller-tokens.ts';

const wallMs = Date.UTC(2026, 10, 24, 3);
const now = wallMs / 1_000;
const otherGuid = 'a53d724c-15ea-4469-a987-82a5b30ec167';

const validate = (changes: Members, at = wallMs) => validateClaims(claimsAt(wallMs, changes), expected, at);
/** Whether claims are accepted, or the code and reason of the refusal. */
function verdictOn(changes: Members, at = wallMs): unknown {
  try {
    validate(changes, at);
    return 'accepted';
  } catch (error) {
    return { code: Reflect.get(Object(error), 'code'), reason: Reflect.get(Object(error), 'reason') };
  }
}
const refusal = (reason: Reason) => ({ code: 'invalid-token', reason });

describe('an app-only v2 token', () => {
  test('tells who asks, what it may, and until when', () => {
    expect(validate({ roles: ['Headers.Read', 'Other'] })).toEqual({
      kind: 'app-only',
      ...caller,
      roles: ['Headers.Read', 'Other'],
      expiresAt: wallMs + 3_600_000,
    });
  });

  test('has its ids told in lower case', () => {
    const changes = { azp: caller.clientId.toUpperCase(), oid: caller.objectId.toUpperCase() };
    expect(validate(changes)).toMatchObject(caller);
  });

  test('has no role where it names none', () => {
    expect(validate({ roles: undefined }).roles).toEqual([]);
  });

  test.each<[string, Members]>([
    ['with the tenant in upper case', { tid: expected.tenantId.toUpperCase() }],
    ['with an empty list of roles', { roles: [] }],
    ['with claims that are not looked at', { azpacr: '2', extra: { deep: [1] } }],
    ['that expires in a second', { exp: now + 1 }],
    ['that was issued 60 s ahead of our clock', { iat: now + 60, nbf: now + 60 }],
    ['that was issued hours ago', { iat: now - 80_000, nbf: now - 80_000 }],
  ])('is accepted %s', (_what, changes) => {
    expect(verdictOn(changes)).toBe('accepted');
  });

  test.each<[string, unknown[], Reason]>([
    [
      'iss',
      [
        undefined,
        null,
        '',
        1,
        [expected.issuer],
        `${expected.issuer}/`,
        expected.issuer.toUpperCase(),
        expected.issuer.replace('/v2.0', ''),
        `https://sts.windows.net/${expected.tenantId}/`,
        expected.issuer.replace(expected.tenantId, otherGuid),
        expected.issuer.replace('https', 'http'),
      ],
      'issuer',
    ],
    ['tid', [undefined, null, '', 1, otherGuid, [expected.tenantId], `${expected.tenantId} `], 'tenant'],
    [
      'aud',
      [
        undefined,
        null,
        '',
        'api://token-broker',
        otherGuid,
        [expected.audience],
        [expected.audience, otherGuid],
        `${expected.audience} `,
        { [expected.audience]: true },
      ],
      'audience',
    ],
    ['ver', [undefined, null, '1.0', '2', '2.1', 2, ['2.0']], 'token-version'],
    ['idtyp', [undefined, null, '', 'user', 'App', ['app'], true], 'not-app-only'],
    ['scp', [null, '', 'access_as_user', []], 'not-app-only'],
    ['azp', [undefined, null, '', 'x', 1, [caller.clientId], `${caller.clientId}\n`], 'claims-malformed'],
    ['oid', [undefined, null, '', 'x', 1, [caller.objectId], `{${caller.objectId}}`], 'claims-malformed'],
    ['roles', [null, 'Headers.Read', 1, {}, { 0: 'Headers.Read', length: 1 }, ['a', 1], [null]], 'claims-malformed'],
  ])('is refused when %s is one of %j', (claim, values, reason) => {
    expect(values.map((value) => verdictOn({ [claim]: value }))).toEqual(values.map(() => refusal(reason)));
  });

  test.each(['iat', 'nbf', 'exp'])('is refused when %s is no time', (claim) => {
    const values = [undefined, null, '', String(now + 60), true, [now], {}, 0, -1, 1e300, Infinity, NaN, now + 0.00001];
    expect(values.map((value) => verdictOn({ [claim]: value }))).toEqual(values.map(() => refusal('claims-malformed')));
  });

  test.each<[string, Members, Reason]>([
    ['expires now', { exp: now, iat: now - 1, nbf: now - 1 }, 'expired'],
    ['expired a second ago', { exp: now - 1, iat: now - 60, nbf: now - 60 }, 'expired'],
    ['was issued 61 s ahead of our clock', { iat: now + 61 }, 'not-yet-valid'],
    ['is good from 61 s ahead of our clock', { nbf: now + 61 }, 'not-yet-valid'],
    ['expires when it is issued', { exp: now, iat: now }, 'claims-malformed'],
    ['expires before it is issued', { exp: now + 5, iat: now + 10 }, 'claims-malformed'],
  ])('is refused when it %s', (_what, changes, reason) => {
    expect(verdictOn(changes)).toEqual(refusal(reason));
  });

  test('is accepted up to its last millisecond, and the skew of clocks never lengthens its life', () => {
    const exp = now + 100;
    expect(verdictOn({ exp }, exp * 1_000 - 1)).toBe('accepted');
    expect(verdictOn({ exp }, exp * 1_000)).toEqual(refusal('expired'));
    expect(verdictOn({ exp }, exp * 1_000 + 59_000)).toEqual(refusal('expired'));
  });

  test('of a v1 endpoint is refused', () => {
    const v1 = { iss: `https://sts.windows.net/${expected.tenantId}/`, aud: 'api://token-broker', ver: '1.0' };
    expect(verdictOn({ ...v1, appid: caller.clientId, azp: undefined })).toEqual(refusal('issuer'));
  });

  test('is not told more of a forgery than its first fault', () => {
    expect(verdictOn({ iss: 'x', aud: 'x', ver: 'x', exp: 1 })).toEqual(refusal('issuer'));
  });
});

describe('a delegated v2 token', () => {
  const delegated = { idtyp: 'user', scp: 'access_as_user' };

  test('tells which person asks, through which application', () => {
    expect(validate({ ...delegated, roles: ['Operations.Read'] })).toEqual({
      kind: 'delegated',
      ...caller,
      roles: ['Operations.Read'],
      expiresAt: wallMs + 3_600_000,
    });
  });

  test('need not say that it is of a person: its scope does', () => {
    expect(validate({ ...delegated, idtyp: undefined })).toMatchObject({ kind: 'delegated' });
  });

  test.each<[string, Members]>([
    ['has no scope, as an ID token has none', { idtyp: undefined, scp: undefined, azp: undefined }],
    ['has no scope, though it is said to be of a person', { ...delegated, scp: undefined }],
    ['has an empty scope', { ...delegated, scp: '' }],
    ['has a scope of blanks', { ...delegated, scp: '  ' }],
    ['has a list of scopes', { ...delegated, scp: ['access_as_user'] }],
    ['is of a device', { ...delegated, idtyp: 'device' }],
    ['claims to be of an application as well', { ...delegated, idtyp: 'app' }],
  ])('is refused when it %s', (_what, changes) => {
    expect(verdictOn(changes)).toEqual(refusal('not-app-only'));
  });

  test.each<[string, Members, Reason]>([
    ['issuer', { iss: 'x' }, 'issuer'],
    ['tenant', { tid: otherGuid }, 'tenant'],
    ['audience', { aud: 'x' }, 'audience'],
    ['version', { ver: '1.0' }, 'token-version'],
    ['time', { exp: now - 1 }, 'expired'],
    ['application', { azp: undefined }, 'claims-malformed'],
    ['person', { oid: undefined }, 'claims-malformed'],
  ])('is held to its %s as any other', (_claim, changes, reason) => {
    expect(verdictOn({ ...delegated, iat: now - 60, nbf: now - 60, ...changes })).toEqual(refusal(reason));
  });
});
