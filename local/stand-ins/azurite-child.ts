import { subscribe } from 'node:diagnostics_channel';

/**
 * Loaded into Azurite's process before Azurite (`--import`): reports the port that it got, which Azurite itself does not when asked for any free
 * one, and ends it with its parent, however the parent ended.
 */
subscribe('tracing:net.server.listen:asyncEnd', (message) => {
  const port = portOf(message);
  if (port !== undefined) process.send?.({ port });
});
process.once('disconnect', () => process.exit());

function portOf(message: unknown): number | undefined {
  if (typeof message !== 'object' || message === null || !('server' in message)) return undefined;
  const { server } = message;
  if (typeof server !== 'object' || server === null || !('address' in server)) return undefined;
  const address: unknown = typeof server.address === 'function' ? server.address() : undefined;
  if (typeof address !== 'object' || address === null || !('port' in address)) return undefined;
  return typeof address.port === 'number' ? address.port : undefined;
}
