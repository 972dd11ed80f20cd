import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { StartError } from './start-error.ts';

export type HttpServer = {
  url: string;
  /** Takes no further connection and closes the idle ones. */
  stopAccepting(): void;
  /** Cuts what is still open. */
  cut(): void;
};

/** Kestrel's limits, where node has the same knob. Headers over node's limit get 431, slow ones 408, and nothing reaches the app. */
const serverOptions = { maxHeaderSize: 32 * 1024, keepAliveTimeout: 130_000 };

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EADDRINUSE'
          ? `Port ${port} is taken. End what listens there, or choose another with --port.`
          : `Cannot listen on port ${port}: ${cause.message}.`;
      reject(new StartError(why, { cause }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}

/** Listens on 127.0.0.1. Throws a StartError where the port is taken. */
export async function startServer(
  port: number,
  handle: (message: IncomingMessage, response: ServerResponse) => void,
): Promise<HttpServer> {
  const server = createServer(serverOptions, handle);
  await listen(server, port);
  const address = server.address();
  const listening = typeof address === 'object' && address ? address.port : port;
  return {
    url: `http://127.0.0.1:${listening}`,
    stopAccepting: () => void server.close(),
    cut: () => server.closeAllConnections(),
  };
}
