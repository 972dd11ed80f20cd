import { describe, expect, test } from '@jest/globals';
import { createCleanup } from '../../../local/stack/cleanup.ts';

describe('a cleanup', () => {
  test('closes in the reverse order, one after the other, once', async () => {
    const cleanup = createCleanup();
    const seen: string[] = [];
    const closing = (name: string) => async () => {
      seen.push(`${name} begins`);
      await Promise.resolve();
      seen.push(`${name} ends`);
    };
    cleanup.add(closing('first'));
    cleanup.add(closing('second'));
    await Promise.all([cleanup.close(), cleanup.close()]);
    expect(seen).toEqual(['second begins', 'second ends', 'first begins', 'first ends']);
  });

  test('goes on after a failure, and tells of it at the end', async () => {
    const cleanup = createCleanup();
    const seen: string[] = [];
    const failure = new Error('stuck');
    cleanup.add(async () => void seen.push('first'));
    cleanup.add(() => Promise.reject(failure));
    await expect(cleanup.close()).rejects.toMatchObject({ errors: [failure] });
    expect(seen).toEqual(['first']);
  });

  test('abandons at the end of the process what is not closed by then, and nothing else', async () => {
    const before = process.listeners('exit');
    const cleanup = createCleanup();
    const abandonAll = process.listeners('exit').find((listener) => !before.includes(listener));
    const seen: string[] = [];
    cleanup.add(
      async () => {},
      () => seen.push('first'),
    );
    cleanup.add(
      async () => abandonAll?.call(process, 0),
      () => seen.push('second, while it closes'),
    );
    cleanup.add(
      async () => {},
      () => seen.push('closed'),
    );
    await cleanup.close();
    expect(seen).toEqual(['second, while it closes', 'first']);
    expect(process.listeners('exit')).toEqual(before);
  });
});
