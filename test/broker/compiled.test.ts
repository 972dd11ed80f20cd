import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { prepareApp, type App } from '../../bench/audit-app.ts';
import { createStack, type Stack } from '../../local/stack/stack.ts';
import { findCanaries } from '../../scripts/canaries.ts';
import { send } from '../attacks/wire.ts';
import { startHost } from '../local/host/child.ts';

let [stack, app] = [{} as Stack, {} as App];
beforeAll(async () => {
  stack = await createStack({ ports: { control: 0, gateways: [0] }, storage: false });
  app = await prepareApp(stack, 'log', 1);
});
afterAll(() => stack.close());

/** Starts a worker, asks it once, and ends it. @returns the status. */
async function askNew(temporary: string): Promise<number> {
  const host = await startHost({ root: app.root, env: { ...app.settings, TMPDIR: temporary, NODE_COMPILE_CACHE: '' } });
  try {
    const headers = [['Authorization', `Bearer ${app.tokens[0]}`]] as const;
    return (await send(host.port, { path: `/v1/headers/${app.names[0]}`, headers })).status;
  } finally {
    host.process.kill('SIGTERM');
    await host.exit;
  }
}

describe('what a worker has compiled', () => {
  test('is left to the next in its folder of temporary files, and is code alone', async () => {
    const temporary = join(stack.directory, 'temporary');
    await mkdir(temporary);
    expect(await askNew(temporary)).toBe(200);
    const entries = await readdir(temporary, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    expect(files.some((file) => file.includes('token-broker-compiled'))).toBe(true);
    for (const file of files) expect(findCanaries(await readFile(file, 'latin1'))).toEqual([]);
    expect(await askNew(temporary)).toBe(200);
  });

  test('is neither left nor looked for in a folder that others may write to', async () => {
    const temporary = join(stack.directory, 'shared');
    const folder = join(temporary, `token-broker-compiled-${process.getuid?.()}`);
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o777);
    expect(await askNew(temporary)).toBe(200);
    expect(await readdir(temporary, { recursive: true })).toEqual([basename(folder)]);
  });

  test('is done without where nothing can be written', async () => {
    const temporary = join(stack.directory, 'no-folder');
    await writeFile(temporary, '');
    expect(await askNew(temporary)).toBe(200);
  });
});
