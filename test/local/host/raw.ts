import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

/** Sends bytes as they are and resolves with all that comes back until the other side closes. */
export async function exchange(port: number, ...parts: (string | Buffer)[]): Promise<string> {
  const socket = await open(port);
  for (const part of parts) socket.write(part);
  return readToEnd(socket);
}

export async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  await once(socket, 'connect');
  return socket;
}

export async function readToEnd(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  // A reset after the answer is an end like another.
  await new Promise((resolve) => socket.on('close', resolve).on('error', resolve));
  return text;
}
