import { createServer } from 'node:net';

/** A port that somebody asked for is in use. The message says which, and what to do. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';

  constructor(port: number, cause: unknown) {
    super(`Port ${port} is in use. Name another one, or end what listens there.`, { cause });
  }
}

/** A port to listen on: one that was asked for, one that is only customary, or (0) any. */
export type WantedPort = { port: number; isFixed: boolean };

/** The port that was asked for, or else the customary one. */
export function wantPort(asked: number | undefined, customary: number): WantedPort {
  return asked === undefined ? { port: customary, isFixed: false } : { port: asked, isFixed: true };
}

/**
 * Opens something on a port. A customary port that is in use gives way to any free one; a fixed one is a `PortTakenError`.
 */
export async function openOn<T>({ port, isFixed }: WantedPort, open: (port: number) => Promise<T>): Promise<T> {
  try {
    return await open(port);
  } catch (error) {
    if (!isTaken(error)) throw error;
    if (isFixed) throw new PortTakenError(port, error);
    return open(0);
  }
}

function isTaken(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EADDRINUSE';
}

/** A port that is free now, for a process that will listen there itself. */
export function choosePort(wanted: WantedPort): Promise<number> {
  return openOn(wanted, (port) => {
    const server = createServer();
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        const address = server.address();
        const chosen = typeof address === 'object' && address ? address.port : port;
        server.close(() => resolve(chosen));
      });
    });
  });
}
