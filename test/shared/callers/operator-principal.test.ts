import { describe, expect, test } from '@jest/globals';
import { readPrincipal } from '../../../shared/callers/operator-principal.ts';
import { caller, expected } from '../../support/caller-tokens.ts';

type Claim = { typ: string; val: string };

const { tenantId } = expected;
const claim = (typ: string, val: string): Claim => ({ typ, val });
const wsFederation = 'http://schemas.microsoft.com/identity/claims/';
const tenant = claim('tid', tenantId);
const person = claim('oid', caller.objectId);
const role = claim('roles', 'Operations.Read');

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64');
const headerOf = (claims: unknown, changes: object = {}) =>
  encode({ auth_typ: 'aad', claims, name_typ: 'name', role_typ: 'roles', ...changes });
const read = (header: string) => readPrincipal(header, tenantId);

function verdictOn(header: string): unknown {
  try {
    read(header);
    return 'accepted';
  } catch (error) {
    return Reflect.get(Object(error), 'reason');
  }
}

describe('the principal of App Service authentication', () => {
  test('tells which person has signed in, with which roles', () => {
    const others = [claim('name', 'Åsa'), claim('scp', 'user_impersonation')];
    const header = headerOf([...others, tenant, person, role, claim('roles', 'Operations.Write')]);
    expect(read(header)).toEqual({ objectId: caller.objectId, roles: ['Operations.Read', 'Operations.Write'] });
  });

  test('names its claims as Windows Identity Foundation does, too', () => {
    const header = headerOf([
      claim(`${wsFederation}tenantid`, tenantId.toUpperCase()),
      claim(`${wsFederation}objectidentifier`, caller.objectId),
      claim('http://schemas.microsoft.com/ws/2008/06/identity/claims/role', 'Operations.Read'),
    ]);
    expect(read(header)).toEqual({ objectId: caller.objectId, roles: ['Operations.Read'] });
  });

  test('may have no role, and say one thing twice', () => {
    expect(read(headerOf([tenant, tenant, person, person]))).toEqual({ objectId: caller.objectId, roles: [] });
  });

  test('may be as long as all headers together may be', () => {
    const padded = (length: number) => headerOf([tenant, person, claim('groups', 'x'.repeat(length))]);
    const header = padded(32_768 * 0.75 - Buffer.from(padded(0), 'base64').length);
    expect(header).toHaveLength(32_768);
    expect(verdictOn(header)).toBe('accepted');
  });

  test('of another tenant is refused', () => {
    const header = headerOf([claim('tid', 'a53d724c-15ea-4469-a987-82a5b30ec167'), person, role]);
    expect(verdictOn(header)).toBe('tenant');
  });

  test.each<[string, string]>([
    ['nothing', ''],
    ['no base64', '{"auth_typ":"aad"}'],
    ['base64url', encode('{"a":"~~~???"}').replaceAll('/', '_')],
    ['two of them, joined', `${headerOf([tenant, person])}, ${headerOf([tenant, person])}`],
    ['no JSON', encode('{"auth_typ":')],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]).toString('base64')],
    [
      'text that is no UTF-8, within a claim',
      Buffer.from(JSON.stringify({ auth_typ: 'aad', claims: [tenant, person, claim('name', 'Å')] }), 'latin1').toString(
        'base64',
      ),
    ],
    ['no object', encode('[]')],
    ['null', encode('null')],
    ['another provider', headerOf([tenant, person], { auth_typ: 'google' })],
    ['no provider', headerOf([tenant, person], { auth_typ: undefined })],
    ['no claims', headerOf(undefined)],
    ['claims that are no list', headerOf({ tid: tenantId })],
    ['a claim that is no text', headerOf([tenant, person, { typ: 'roles', val: ['Operations.Write'] }])],
    ['no tenant', headerOf([person, role])],
    ['no person', headerOf([tenant, role])],
    ['two tenants', headerOf([tenant, claim(`${wsFederation}tenantid`, caller.objectId), person])],
    ['two persons', headerOf([tenant, person, claim('oid', caller.clientId)])],
    ['a person that is no GUID', headerOf([tenant, claim('oid', 'asa@example.com')])],
    ['a GUID beside something else', headerOf([tenant, person, claim('oid', 'x')])],
    ['more than any header can hold', headerOf([tenant, person, claim('groups', 'x'.repeat(32_768))])],
  ])('is refused when it is %s', (_what, header) => {
    expect(verdictOn(header)).toBe('principal-malformed');
  });
});
