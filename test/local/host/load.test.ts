import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readApp } from '../../../local/host/load.ts';
import { StartError } from '../../../local/host/start-error.ts';

let apps: string;

beforeAll(() => {
  apps = mkdtempSync(join(tmpdir(), 'load-'));
});
afterAll(() => rmSync(apps, { recursive: true }));

/** Writes a folder with these files. */
function writeFolder(files: Record<string, string>): string {
  const root = mkdtempSync(join(apps, 'app-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  return root;
}

describe('an app', () => {
  test('is described by its package.json and host.json', () => {
    const root = writeFolder({
      'package.json': '\uFEFF{"main":"main.js","type":"module"}',
      'main.js': '',
      'host.json': '{"extensions":{"http":{"routePrefix":"/v1/x/"}}}',
    });
    expect(readApp(root)).toEqual({
      root,
      main: 'main.js',
      files: [join(root, 'main.js')],
      isModule: true,
      routePrefix: 'v1/x',
    });
  });

  test.each([
    ['without a host.json', undefined, 'api'],
    ['without a prefix', '{"version":"2.0"}', 'api'],
    ['with an empty one', '{"extensions":{"http":{"routePrefix":""}}}', ''],
    ['with odd extensions', '{"extensions":[]}', 'api'],
  ])('%s has the prefix that Azure would give it', (_name, host, routePrefix) => {
    const files = { 'package.json': '{"main":"main.js"}', 'main.js': '' };
    expect(readApp(writeFolder(host === undefined ? files : { ...files, 'host.json': host }))).toMatchObject({
      routePrefix,
    });
  });

  test('may name several files by a pattern', () => {
    const root = writeFolder({ 'package.json': '{"main":"{b,a}*.js"}', 'b.js': '', 'a1.js': '', 'c.js': '' });
    expect(readApp(root).files).toEqual([join(root, 'a1.js'), join(root, 'b.js')]);
  });
});

describe('a folder is refused, with what to do:', () => {
  const good = { 'package.json': '{"main":"main.js"}', 'main.js': '' };
  test.each([
    ['no package.json', {}, "Name the app's folder with --root"],
    ['package.json is no JSON', { 'package.json': '{' }, 'is not JSON: correct it'],
    ['package.json is no object', { 'package.json': 'null' }, 'does not hold a JSON object'],
    ['no main', { 'package.json': '{}' }, 'has no "main"'],
    ['an empty main', { 'package.json': '{"main":""}' }, 'has no "main"'],
    [
      'no such file',
      { 'package.json': '{"main":"dist/main.cjs"}' },
      'names main "dist/main.cjs", and there is no such file',
    ],
    ['host.json is no JSON', { ...good, 'host.json': '{' }, 'host.json is not JSON'],
    ['host.json is no object', { ...good, 'host.json': '[]' }, 'host.json does not hold a JSON object'],
    [
      'a prefix of another type',
      { ...good, 'host.json': '{"extensions":{"http":{"routePrefix":1}}}' },
      'routePrefix in host.json is not a string',
    ],
  ])('%s', (_name, files: Record<string, string>, reason) => {
    const root = writeFolder(files);
    expect(() => readApp(root)).toThrow(StartError);
    expect(() => readApp(root)).toThrow(reason);
  });
});
