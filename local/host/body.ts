import type { IncomingMessage } from 'node:http';

/** Azure's limit for a request's body, in bytes: https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook-trigger#limits */
const bodyLimit = 104_857_600;

/** Whether a request announces a body (RFC 9112, section 6.3); without one it need not be waited for. */
export function announcesBody(headers: Record<string, string>): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** The body; `too-large` as soon as it is known to be over the limit; `aborted` where the client goes away before its end. */
export function readBody(
  request: IncomingMessage,
  announcedLength: string | undefined,
): Promise<Buffer | 'too-large' | 'aborted'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    // Node reads on without keeping it, once the answer is out: to cut the connection with bytes unread could take the answer with it.
    if (Number(announcedLength ?? 0) > bodyLimit) return resolve('too-large');
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= bodyLimit) return void chunks.push(chunk);
      chunks.length = 0;
      return resolve('too-large');
    });
    request.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.on('close', () => resolve('aborted'));
    request.on('error', () => resolve('aborted'));
  });
}
