import { expect, test } from '@jest/globals';
import { readText } from '../../../shared/azure/read-text.ts';

test('an answer of up to a mebibyte is read whole', async () => {
  expect(await readText(new Response('å'.repeat(524_288)))).toHaveLength(524_288);
});

test('a longer answer is refused, so that it cannot fill the memory', async () => {
  await expect(readText(new Response('x'.repeat(1_048_577)))).rejects.toThrow(RangeError);
});

test('an answer without a body is empty', async () => {
  expect(await readText(new Response(null, { status: 204 }))).toBe('');
});
