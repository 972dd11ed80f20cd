import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build as bundle } from 'esbuild';
import { commonOptions } from '../../scripts/bundle-options.ts';

const root = join(import.meta.dirname, '../..');

/** One function: what it does before all, and with each request, to end with an `answer`. */
type Handler = { readonly once: string; readonly each: string };

/** Writes an app that does nothing: one function that logs one line, and answers with a body of so many bytes. */
export function prepareTrivialApp(directory: string, bodyBytes: number): Promise<string> {
  return prepareFunction(directory, 'trivial', {
    once: `const body = JSON.stringify({ body: 'x'.repeat(${bodyBytes - '{"body":""}'.length}) });`,
    each: `
      context.info('answered ' + request.params.api);
      const answer = { status: 200, headers: { 'Content-Type': 'application/json' }, body };`,
  });
}

/**
 * Writes an app that does what the contract asks of any broker, and decides nothing: it hashes the caller's token, writes a record of the length of
 * an audit record, and answers with the headers that stand on every answer and a body that is JSON with these times.
 */
export function prepareLeastApp(directory: string, bodyBytes: number): Promise<string> {
  return prepareFunction(directory, 'least', {
    once: `
      const value = 'x'.repeat(${bodyBytes - 300});
      const [caller, fingerprint] = ['00000000-0000-4000-8000-000000000000', 'x'.repeat(12)];`,
    each: `
      if (request.headers.get('accept') === 'text/plain') throw new Error('not asked for');
      const id = hash('sha256', request.headers.get('authorization') ?? '', 'base64');
      const { api } = request.params;
      const now = Date.now();
      const [time, expiresOn, refreshOn] = [now, now + 300_000, now + 150_000].map((at) => new Date(at).toISOString());
      context.info(JSON.stringify({
        event: 'audit', time, requestId: context.invocationId, action: 'headers.hand-out', outcome: 'allowed', code: null, reason: null, status: 200,
        durationMs: 0.185, clientId: caller, objectId: caller, caller: 'caller-0', api, access: '.default', key: fingerprint, token: fingerprint, expiresOn,
      }));
      const answer = {
        status: 200,
        headers: {
          'Cache-Control': 'no-store', Pragma: 'no-cache', 'X-Content-Type-Options': 'nosniff', 'X-Request-Id': context.invocationId,
          'Content-Type': 'application/json', Vary: 'Accept',
        },
        body: JSON.stringify({
          id, api, baseUrl: 'https://gateway.example/api', headers: { 'Ocp-Apim-Subscription-Key': fingerprint, Authorization: value },
          expiresOn, expiresIn: 300, refreshOn, refreshIn: 150,
        }),
      };`,
  });
}

async function prepareFunction(directory: string, name: string, { once, each }: Handler): Promise<string> {
  const folder = join(directory, `app-${name}`);
  await mkdir(folder, { recursive: true });
  const contents = `
    import { hash } from 'node:crypto';
    import { app } from '@azure/functions';
    ${once}
    app.http('${name}', {
      route: 'v1/headers/{api}',
      methods: ['GET'],
      authLevel: 'anonymous',
      handler: async (request, context) => {
        ${each}
        return answer;
      },
    });`;
  const stdin = { contents, resolveDir: root };
  await bundle({ ...commonOptions, stdin, outfile: join(folder, 'dist/main.cjs'), minify: true, sourcemap: false });
  for (const file of ['package.json', 'host.json']) await cp(join(root, file), join(folder, file));
  return folder;
}
