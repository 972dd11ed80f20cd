/** The app cannot be started as it is. The message says what to do; no stack is shown for it. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
