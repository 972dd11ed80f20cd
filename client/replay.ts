/** Whether a body can be sent once more: all but streams, which are gone when they are read. */
export function canReplay(body: unknown): boolean {
  return typeof body !== 'object' || body === null || !(Symbol.asyncIterator in body || 'getReader' in body);
}
