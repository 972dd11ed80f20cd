import { cp, mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { transform } from 'esbuild';
import { buildClient } from '../../scripts/build-client.ts';
import { compile, run } from './compile.ts';

const root = join(import.meta.dirname, '../..');
let folder: string;
let installed: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'client-package-'));
  installed = join(folder, 'node_modules/okq8-token-broker');
  await buildClient(installed);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const read = (name: string) => readFile(join(installed, name), 'utf8');
const write = async (name: string, text: string) => {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
  return path;
};

describe('the package of the client', () => {
  test('depends on nothing, is for Node.js 18, and has the exports of the project’s own', async () => {
    const manifest = JSON.parse(await read('package.json'));
    const own = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    expect(manifest).toMatchObject({ name: own.name, version: own.version, engines: { node: '>=18' } });
    expect(Object.keys(manifest).filter((name) => /dependencies/i.test(name))).toEqual([]);
    const toOwn = JSON.stringify(manifest.exports).replaceAll('./main', './dist/client/main');
    expect(JSON.parse(toOwn)).toEqual(own.exports);
    expect(await read('main.js')).not.toMatch(/\b(require|import)\s*\(/);
  });

  test('is imported and required, with one class of error for both', async () => {
    const path = await write(
      'both.mjs',
      `import { createRequire } from 'node:module';
       import * as imported from 'okq8-token-broker/client';
       const required = createRequire(import.meta.url)('okq8-token-broker/client');
       console.log(Object.keys(imported).join(), Object.keys(required).join(), imported.BrokerError === required.BrokerError);
       try { imported.createBrokerClient({}); } catch (error) { console.log(error instanceof required.BrokerError, error.code); }`,
    );
    const names = 'BrokerError,createBrokerClient';
    expect(await run(path)).toEqual({ code: 0, text: `${names} ${names} true\ntrue invalid-argument\n` });
  });

  test('offers nothing else', async () => {
    const path = await write('inside.mjs', "await import('okq8-token-broker/main.js');");
    expect((await run(path)).text).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  test('has less than 5 KB, minified and gzipped', async () => {
    const { code } = await transform(await read('main.js'), { minify: true, target: 'node18' });
    expect(gzipSync(code, { level: 9 }).length).toBeLessThan(5_000);
  });

  test('has no syntax that is newer than Node.js 18', async () => {
    const lowered = async (code: string) => (await transform(code, { target: 'node18' })).code;
    const asItIs = async (code: string) => (await transform(code, { target: 'esnext' })).code;
    for (const name of ['main.js', 'main.mjs'])
      expect(await lowered(await read(name))).toBe(await asItIs(await read(name)));
    expect(await lowered('using a = b; c(/d/v);')).not.toBe(await asItIs('using a = b; c(/d/v);'));
  });

  const consumer = `
    import { BrokerError, createBrokerClient, type BrokerErrorCode, type HeaderSet } from 'okq8-token-broker/client';
    const client = createBrokerClient({ brokerUrl: 'https://broker.test', credential: { getToken: async () => ({ token: '' }) } });
    export const set: Promise<HeaderSet> = client.headers('core', { access: 'get', signal: AbortSignal.timeout(5) });
    export const response: Promise<Response> = client.fetch('core', '/', { method: 'POST', body: new URLSearchParams() });
    export const code = (error: unknown): BrokerErrorCode | undefined => (error instanceof BrokerError ? error.code : undefined);
    // @ts-expect-error A credential is needed.
    createBrokerClient({ brokerUrl: '' });
    // @ts-expect-error It is no text.
    createBrokerClient({ brokerUrl: '', credential: '' });
  `;
  test.each([
    ['an ES module', 'consumer.mts', { module: 'nodenext', target: 'es2022', types: ['node'] }],
    ['a CommonJS module', 'consumer.cts', { module: 'nodenext', target: 'es2022', types: ['node'] }],
    [
      'a bundler’s module',
      'consumer.ts',
      { module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom'], types: [] },
    ],
  ])('has types that hold for %s', async (_, name, options) => {
    const place = join(folder, name.replace('.', '-'));
    await mkdir(place);
    await write(join(name.replace('.', '-'), name), consumer);
    expect(await compile(place, options)).toEqual({ code: 0, text: '' });
  });

  test('is checked against nothing that is newer than Node.js 18', async () => {
    const place = join(folder, 'newer');
    await mkdir(place);
    await cp(join(root, 'client/node18.d.ts'), join(place, 'node18.d.ts'));
    await write(
      'newer/newer.ts',
      `export const older = [[1].at(-1), Object.hasOwn({}, 'a'), new Error('', { cause: 1 }), fetch];
       // @ts-expect-error
       export const any = AbortSignal.any([]);
       // @ts-expect-error
       export const can = URL.canParse('');
       // @ts-expect-error
       export const sorted = [1].toSorted();
       // @ts-expect-error
       export const resolvers = Promise.withResolvers();
       // @ts-expect-error
       export const grouped = Object.groupBy([], String);
       // @ts-expect-error
       export const bytes = (response: Response) => response.bytes();
       // @ts-expect-error
       export const environment = process.env;`,
    );
    const { compilerOptions } = JSON.parse(await readFile(join(root, 'client/tsconfig.json'), 'utf8'));
    const { target, lib, types } = compilerOptions;
    expect(await compile(place, { target, lib, types, module: 'nodenext' })).toEqual({ code: 0, text: '' });
  });
});
