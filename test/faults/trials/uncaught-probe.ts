/** Loaded into the broker's process ahead of it: fails, when it is told to, where nobody catches it. */
process.on('message', (message) => {
  const error = new Error('thrown by a test');
  if (message === 'reject') void Promise.reject(error);
  if (message === 'throw') {
    setImmediate(() => {
      throw error;
    });
  }
});
