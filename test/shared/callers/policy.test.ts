import { describe, expect, test } from '@jest/globals';
import { createPolicy, type CallerEntry } from '../../../shared/callers/policy.ts';
import type { ApiName, CallerName } from '../../../shared/names.ts';
import { caller, guid } from '../../support/caller-tokens.ts';

const otherId = guid('a53d724c-15ea-4469-a987-82a5b30ec167');
const core = 'core' as ApiName;
const payments = 'payments' as ApiName;
const entry = (name: string, changes: Partial<CallerEntry> = {}): CallerEntry => ({
  ...caller,
  name: name as CallerName,
  apis: new Set([core]),
  headers: true,
  ...changes,
});
const apis = new Set<string>([core, payments]);
const policy = createPolicy([entry('billing'), entry('reporting', { objectId: otherId })], apis);
const token = { ...caller, kind: 'app-only' as const, roles: ['Headers.Read'], expiresAt: 0 };

describe('a verified token', () => {
  test('is that of the entry with both its ids', () => {
    expect(policy.identify(token).name).toBe('billing');
    expect(policy.identify({ ...token, objectId: otherId }).name).toBe('reporting');
  });

  test.each([
    ['another client id', { clientId: otherId }],
    ['another object id', { objectId: caller.clientId }],
    ['its ids swapped', { clientId: caller.objectId, objectId: caller.clientId }],
  ])('of %s is nobody’s', (_what, changes) => {
    expect(() => policy.identify({ ...token, ...changes })).toThrow(
      expect.objectContaining({ code: 'forbidden', reason: 'caller-unknown' }),
    );
  });

  test.each([[[]], [['headers.read']], [['Headers.Read ']], [['Headers.ReadWrite', 'Operations.Read']]])(
    'with the roles %j may ask for nothing',
    (roles) => {
      expect(() => policy.identify({ ...token, roles })).toThrow(
        expect.objectContaining({ code: 'forbidden', reason: 'role-missing' }),
      );
    },
  );

  test('may have the role among others', () => {
    expect(policy.identify({ ...token, roles: ['Operations.Read', 'Headers.Read'] }).name).toBe('billing');
  });

  test('is nobody’s before its roles are looked at', () => {
    expect(() => policy.identify({ ...token, clientId: otherId, roles: [] })).toThrow(
      expect.objectContaining({ reason: 'caller-unknown' }),
    );
  });
});

describe('an API', () => {
  test('may be had by a caller whose entry names it', () => {
    expect(() => policy.authorise(entry('billing'), 'core')).not.toThrow();
  });

  test('that the entry does not name, and one that does not exist, are refused with one code', () => {
    const billing = entry('billing');
    expect(() => policy.authorise(billing, 'payments')).toThrow(
      expect.objectContaining({ code: 'forbidden', reason: 'api-not-allowed' }),
    );
    expect(() => policy.authorise(billing, 'nosuch')).toThrow(
      expect.objectContaining({ code: 'forbidden', reason: 'api-unknown' }),
    );
  });

  test.each(['', 'CORE', 'core ', 'constructor', '__proto__', 'has', '*'])('is not %j', (name) => {
    expect(() => policy.authorise(entry('billing'), name)).toThrow(expect.objectContaining({ code: 'forbidden' }));
  });

  test('may be held by a caller that may have header sets, and by no other', () => {
    expect(() => policy.authoriseHeaders(entry('billing'), 'core')).not.toThrow();
    const calling = entry('billing', { headers: false });
    expect(() => policy.authorise(calling, 'core')).not.toThrow();
    expect(() => policy.authoriseHeaders(calling, 'core')).toThrow(
      expect.objectContaining({ code: 'forbidden', reason: 'headers-not-allowed' }),
    );
    expect(() => policy.authoriseHeaders(entry('billing'), 'payments')).toThrow(
      expect.objectContaining({ code: 'forbidden', reason: 'api-not-allowed' }),
    );
  });
});
