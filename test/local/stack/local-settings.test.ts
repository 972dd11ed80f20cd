import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createCleanup } from '../../../local/stack/cleanup.ts';
import { writeLocalSettings } from '../../../local/stack/local-settings.ts';

let directory = '';
let file = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'local-settings-'));
  file = join(directory, 'local.settings.json');
});

afterEach(() => rmSync(directory, { recursive: true }));

describe('local.settings.json', () => {
  test('holds the app settings for a Node worker, readable by its owner alone, until the run ends', async () => {
    const cleanup = createCleanup();
    writeLocalSettings(file, { KEY_VAULT_URL: 'https://vault' }, cleanup);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      IsEncrypted: false,
      Values: { FUNCTIONS_WORKER_RUNTIME: 'node', KEY_VAULT_URL: 'https://vault' },
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await cleanup.close();
    expect(existsSync(file)).toBe(false);
  });

  test('is left alone when somebody else wrote it, with what to do', async () => {
    const cleanup = createCleanup();
    writeFileSync(file, '{"Values":{}}');
    expect(() => writeLocalSettings(file, {}, cleanup)).toThrow(
      'local.settings.json exists, and npm run stack did not write it. Move it away, then start again.',
    );
    await cleanup.close();
    expect(readFileSync(file, 'utf8')).toBe('{"Values":{}}');
  });

  test('that a stack left behind is replaced, and one that a later stack wrote is not removed', async () => {
    const [first, second] = [createCleanup(), createCleanup()];
    writeLocalSettings(file, { KEY_VAULT_URL: 'https://first' }, first);
    writeLocalSettings(file, { KEY_VAULT_URL: 'https://second' }, second);
    await first.close();
    expect(readFileSync(file, 'utf8')).toContain('https://second');
    await second.close();
    expect(existsSync(file)).toBe(false);
  });
});
