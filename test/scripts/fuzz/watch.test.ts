import { expect, test } from '@jest/globals';
import { searchInThread } from '../../../scripts/fuzz/watch.ts';

test('a search that ends before its first input is not taken for one that found nothing', async () => {
  const outcome = await searchInThread({ target: 'there is none', minutes: 1, seed: 1 }, () => {});
  expect(outcome).toEqual({ inputs: 0, kept: 0, crashes: [], lost: expect.stringContaining('There is no target') });
});
