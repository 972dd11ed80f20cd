import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startBroker } from '../../../local/stack/broker.ts';
import type { Broker } from '../../../local/stack/broker.ts';
import { createCleanup } from '../../../local/stack/cleanup.ts';
import type { Cleanup } from '../../../local/stack/cleanup.ts';
import { setEnvironment } from '../stand-ins/environment.ts';
import { ask, isOpen } from './ask.ts';

const root = join(import.meta.dirname, 'broker-app');
let cleanup: Cleanup;
let restore = (): void => {};
let tellEnd = (_how: string): void => {};
let tellLine = (_line: string): void => {};
let ended: Promise<string>;

beforeEach(() => {
  cleanup = createCleanup();
  restore = setEnvironment({ NODE_OPTIONS: '', AZURE_CLIENT_SECRET: 'CANARYfromoutside' });
  ended = new Promise((resolve) => {
    tellEnd = resolve;
  });
});

afterEach(async () => {
  restore();
  await cleanup.close();
});

const start = (settings: Record<string, string> = {}): Promise<Broker> =>
  startBroker({ root, port: 0, settings, onEnd: (how) => tellEnd(how) }, cleanup);

describe('the broker’s process', () => {
  test('sees its settings, and of this process’s environment only where programs and its home are, and who debugs', async () => {
    const { url } = await start({ KEY_VAULT_URL: 'https://vault' });
    const { body } = await ask(`${url}/environment`);
    expect(body).toMatchObject({ KEY_VAULT_URL: 'https://vault', PATH: process.env['PATH'] });
    const known = new Set(['PATH', 'HOME', 'TMPDIR', 'NODE_OPTIONS', 'VSCODE_INSPECTOR_OPTIONS', 'KEY_VAULT_URL']);
    const others = Object.keys(body).filter((name) => !known.has(name));
    // What fork itself adds.
    expect(others.filter((name) => !name.startsWith('NODE_CHANNEL_'))).toEqual([]);
  });

  test('that was killed starts again on the same port, and nobody is told of an end', async () => {
    const broker = await start();
    await broker.kill();
    expect(await isOpen(broker.url)).toBe(false);
    await broker.restart();
    expect((await ask(`${broker.url}/environment`)).status).toBe(200);
    await broker.stop();
    expect(await isOpen(broker.url)).toBe(false);
    tellEnd('nobody was told');
    expect(await ended).toBe('nobody was told');
  });

  test('that ends by itself is told of', async () => {
    const { url } = await start();
    await ask(`${url}/crash`, { method: 'POST' }).catch(() => {});
    expect(await ended).toBe('exit code 3');
  });

  test('tells whoever reads along each line that it prints, also after it was killed and started again', async () => {
    const told: string[] = [];
    const all = new Promise<void>((resolve) => {
      tellLine = (line) => {
        if (line.includes(' tell ') && told.push(line.replace(/^.* /, '')) === 4) resolve();
      };
    });
    const onLine = (line: string): void => tellLine(line);
    const broker = await startBroker({ root, port: 0, settings: {}, onEnd: tellEnd, onLine }, cleanup);
    await ask(`${broker.url}/tell`, { method: 'POST' });
    await broker.kill();
    await broker.restart();
    await ask(`${broker.url}/tell`, { method: 'POST' });
    await all;
    expect(told).toEqual(['one', 'two', 'one', 'two']);
  });

  test('that cannot start is an error, and not told of twice', async () => {
    const failing = startBroker(
      { root: `${root}-nowhere`, port: 0, settings: {}, onEnd: (how) => tellEnd(how) },
      cleanup,
    );
    await expect(failing).rejects.toThrow('The broker ended before it was ready; what it printed says why.');
    tellEnd('nobody was told');
    expect(await ended).toBe('nobody was told');
  });
});
