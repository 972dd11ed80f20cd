/**
 * Like `Promise.all`, but a failure waits for the others: what is still starting could not be closed.
 */
export async function settleAll<T extends readonly unknown[] | []>(
  starting: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(starting);
  return Promise.all(starting);
}
