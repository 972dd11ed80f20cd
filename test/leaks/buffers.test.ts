import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import type { Kept } from './buffers-process.ts';

let before: Kept;
let after: Kept;
beforeAll(async () => {
  const child = fork(join(__dirname, 'buffers-process.ts'), { stdio: 'ignore' });
  const told = once(child, 'message').then(([message]: { before: Kept; after: Kept }[]) => message);
  const message = await Promise.race([told, once(child, 'exit').then(() => undefined)]);
  if (!message) throw new Error('The process ended without a word.');
  ({ before, after } = message);
}, 240_000);

test('what is kept for telemetry while storage does not answer has the records that wait and what was measured', () => {
  expect(before.waiting).toBeGreaterThanOrEqual(8);
  expect(before.measured).toBe(true);
});

test('nothing of a secret is in a snapshot of it: no key, token, header or value of the environment', () => {
  expect(before.found).toEqual([]);
});

test('one that is planted is found: in a record, as a field and sealed, in an error that is remembered, in an attribute', () => {
  const due = [
    /^shared\/telemetry\/[\w-]+\.ts: .*requestId$/,
    /^shared\/telemetry\/[\w-]+\.ts: .*secret\.#text$/,
    /^shared\/telemetry\/breaker\.ts: failure\.cause\.cause\.request\.headers\.authorization$/,
    /^shared\/telemetry\/.*token_broker\.caller$/,
  ];
  expect(after.found).toEqual(expect.arrayContaining(due.map((path) => expect.stringMatching(path))));
});
