import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { serveVault } from './served-vault.ts';
import type { ServedVault } from './served-vault.ts';

let served: ServedVault;
let name: string;
let count = 0;
beforeAll(async () => {
  served = await serveVault();
});
beforeEach(() => {
  name = `secret-${(count += 1)}`;
  served.vault.seed(name, 'CANARYfirst');
});
afterAll(() => served.close());

const steer = (body: unknown, secret = name) => served.vault.steer(secret, body);
const show = () => served.vault.show(name);
const ask = (method: string, path: string, body?: unknown) =>
  served.ask(method, path.replace('{name}', name), { body });
const read = async (secret = name): Promise<unknown> => {
  const { status, body } = await served.ask('GET', `/secrets/${secret}`);
  return status === 200 ? (body as { value: string }).value : status;
};

describe('steering', () => {
  test('writes a new version with its tags and its expiry', async () => {
    expect(
      steer({ value: 'CANARYsecond', tags: { slot: 'secondary' }, expires: '2030-01-01T00:00:00+01:00' }),
    ).toBeUndefined();
    expect(await read()).toBe('CANARYsecond');
    expect(show()?.versions).toMatchObject([
      { tags: { slot: 'secondary' }, expires: '2029-12-31T23:00:00.000Z', enabled: true },
      { tags: {} },
    ]);
  });

  test('makes a secret that there was not', async () => {
    expect(steer({ value: 'CANARYnew' }, `${name}-new`)).toBeUndefined();
    expect(await read(`${name}-new`)).toBe('CANARYnew');
  });

  test('disables and enables the newest version', async () => {
    steer({ value: 'CANARYsecond', enabled: false });
    expect(await read()).toBe(403);
    steer({ enabled: true });
    expect(await read()).toBe('CANARYsecond');
  });

  test('dates an expiry from now when it is a duration', () => {
    steer({ expires: '1h' });
    const expires = Date.parse(show()?.versions[0]?.expires ?? '');
    expect(Math.abs(expires - served.clock.wall() - 3_600_000)).toBeLessThan(1_000);
  });

  test('deletes and recovers', async () => {
    expect(steer({ delete: true })).toBeUndefined();
    expect(await read()).toBe(404);
    expect(show()?.deleted).toBe(true);
    expect(await ask('GET', '/deletedsecrets/{name}')).toMatchObject({ status: 200 });
    expect(steer({ recover: true })).toBeUndefined();
    expect(await read()).toBe('CANARYfirst');
  });

  test('to read only refuses every write of the app, not of this hand', async () => {
    expect(steer({ readOnly: true })).toBeUndefined();
    const refusal = { status: 403, body: { error: { code: 'Forbidden', innererror: { code: 'VaultReadOnly' } } } };
    expect(await ask('PUT', '/secrets/{name}', { value: 'CANARYx' })).toMatchObject(refusal);
    expect(await ask('PATCH', '/secrets/{name}/', { tags: {} })).toMatchObject(refusal);
    expect(await ask('DELETE', '/secrets/{name}')).toMatchObject(refusal);
    steer({ value: 'CANARYoutside' });
    expect(await read()).toBe('CANARYoutside');
    steer({ readOnly: false });
    expect(await ask('PUT', '/secrets/{name}', { value: 'CANARYx' })).toMatchObject({ status: 200 });
  });

  test.each<[string, unknown, string]>([
    ['nothing', {}, 'name at least one of'],
    ['something unknown', { values: 'x' }, 'values'],
    ['a lag that is no duration', { lag: 5 }, 'lag'],
    ['16 tags', { tags: Object.fromEntries(Array.from({ length: 16 }, (_, index) => [index, ''])) }, 'at most 15 tags'],
    ['a recovery of what is not deleted', { recover: true }, 'not deleted'],
  ])('refuses %s, and changes nothing', (_, body, reason) => {
    const before = show();
    expect(steer(body)).toEqual({ reason: expect.stringContaining(reason) });
    expect(show()).toEqual(before);
  });

  test.each<[string, unknown, string, string]>([
    ['a change of what does not exist', { enabled: false }, 'unknown', 'there is no such secret'],
    ['a name that is none', { value: 'CANARYx' }, 'no_name', 'letters, digits and hyphens'],
  ])('refuses %s', (_, body, secret, reason) => {
    expect(steer(body, secret)).toEqual({ reason: expect.stringContaining(reason) });
    expect(served.vault.show(secret)).toBeUndefined();
  });

  test('refuses to change a deleted secret before it is recovered', () => {
    steer({ delete: true });
    expect(steer({ value: 'CANARYx' })).toEqual({ reason: 'the secret is deleted; recover it first' });
    expect(steer({ lag: '1s' })).toBeUndefined();
  });
});

describe('with a lag', () => {
  test('readers see a write only after it, whoever wrote', async () => {
    steer({ lag: '60s' });
    await ask('PUT', '/secrets/{name}', { value: 'CANARYsecond' });
    await served.clock.advance(30_000);
    steer({ value: 'CANARYthird' });
    expect(await read()).toBe('CANARYfirst');
    await served.clock.advance(30_000);
    expect(await read()).toBe('CANARYsecond');
    await served.clock.advance(30_000);
    expect(await read()).toBe('CANARYthird');
  });

  test('the writer is answered with what it wrote, and each write builds on the last', async () => {
    steer({ lag: '60s' });
    expect(await ask('PUT', '/secrets/{name}', { value: 'CANARYsecond' })).toMatchObject({
      body: { value: 'CANARYsecond' },
    });
    await ask('PATCH', '/secrets/{name}/', { tags: { a: '1' } });
    expect(show()?.versions).toMatchObject([{ tags: { a: '1' } }, {}]);
    await served.clock.advance(60_000);
    expect(await ask('GET', '/secrets/{name}')).toMatchObject({
      body: { value: 'CANARYsecond', tags: { a: '1' } },
    });
  });

  test('tags, versions and deletion lag as well', async () => {
    steer({ lag: '60s', tags: { a: '1' } });
    steer({ value: 'CANARYsecond' });
    expect(await ask('GET', '/secrets/{name}')).not.toMatchObject({ body: { tags: { a: '1' } } });
    expect(await ask('GET', '/secrets/{name}/versions')).toMatchObject({ body: { value: { length: 1 } } });
    await ask('DELETE', '/secrets/{name}');
    expect(await read()).toBe('CANARYfirst');
    expect(await ask('GET', '/deletedsecrets/{name}')).toMatchObject({ status: 404 });
    await served.clock.advance(60_000);
    expect(await read()).toBe(404);
  });

  test('a new secret is not there before it', async () => {
    steer({ value: 'CANARYnew', lag: '5s' }, `${name}-new`);
    expect(await read(`${name}-new`)).toBe(404);
    await served.clock.advance(5_000);
    expect(await read(`${name}-new`)).toBe('CANARYnew');
  });

  test('of nothing again, the next write is seen at once', async () => {
    steer({ lag: '60s', value: 'CANARYsecond' });
    steer({ lag: '0ms', value: 'CANARYthird' });
    expect(await read()).toBe('CANARYthird');
    await served.clock.advance(60_000);
    expect(await read()).toBe('CANARYthird');
  });
});

describe('what is shown', () => {
  test('has versions and tags, the newest first, and never a value', () => {
    steer({ value: 'CANARYsecond', tags: { generation: '2' }, lag: '250ms' });
    expect(served.vault.show(name.toUpperCase())).toEqual({
      name,
      deleted: false,
      readOnly: false,
      lag: '250ms',
      versions: [
        {
          version: expect.any(String),
          enabled: true,
          created: expect.any(String),
          updated: expect.any(String),
          tags: { generation: '2' },
        },
        {
          version: expect.any(String),
          enabled: true,
          created: expect.any(String),
          updated: expect.any(String),
          tags: {},
        },
      ],
    });
    expect(JSON.stringify(show())).not.toContain('CANARY');
  });

  test('is nothing for what does not exist', () => {
    expect(served.vault.show('unknown')).toBeUndefined();
  });
});

test('a seed with a name that Key Vault does not take is refused', () => {
  expect(() => served.vault.seed('no_name', 'CANARYx')).toThrow(TypeError);
});
