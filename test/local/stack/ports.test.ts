import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { choosePort, openOn, wantPort } from '../../../local/stack/ports.ts';

let taken: Server;
let port = 0;

beforeEach(async () => {
  taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const address = taken.address();
  port = typeof address === 'object' && address ? address.port : 0;
});

afterEach(() => new Promise((resolve) => taken.close(resolve)));

describe('a port', () => {
  test('that is only customary gives way to a free one when it is in use', async () => {
    const chosen = await choosePort(wantPort(undefined, port));
    expect(chosen).toBeGreaterThan(0);
    expect(chosen).not.toBe(port);
  });

  test('that was asked for does not, and the error names it and what to do', async () => {
    await expect(choosePort(wantPort(port, 7071))).rejects.toThrow(
      `Port ${port} is in use. Name another one, or end what listens there.`,
    );
  });

  test('that is free is taken, customary or not', async () => {
    await new Promise((resolve) => taken.close(resolve));
    expect(await choosePort(wantPort(undefined, port))).toBe(port);
    expect(await choosePort(wantPort(port, 7071))).toBe(port);
  });

  test('is not to blame for another failure', async () => {
    const failure = new Error('no such certificate');
    await expect(openOn(wantPort(undefined, port), () => Promise.reject(failure))).rejects.toBe(failure);
  });
});
