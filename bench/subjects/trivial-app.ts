import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build as bundle } from 'esbuild';
import { commonOptions } from '../../scripts/bundle-options.ts';

const root = join(import.meta.dirname, '../..');

/** Writes an app that does nothing: one function that logs one line, and answers with a body of so many bytes. */
export async function prepareTrivialApp(directory: string, bodyBytes: number): Promise<string> {
  const folder = join(directory, 'app-trivial');
  await mkdir(folder, { recursive: true });
  const contents = `
    import { app } from '@azure/functions';
    const body = JSON.stringify({ body: 'x'.repeat(${bodyBytes - '{"body":""}'.length}) });
    app.http('trivial', {
      route: 'v1/headers/{api}',
      methods: ['GET'],
      authLevel: 'anonymous',
      handler: async (request, context) => {
        context.info('answered ' + request.params.api);
        return { status: 200, headers: { 'Content-Type': 'application/json' }, body };
      },
    });`;
  const stdin = { contents, resolveDir: root };
  await bundle({ ...commonOptions, stdin, outfile: join(folder, 'dist/main.cjs'), minify: true, sourcemap: false });
  for (const file of ['package.json', 'host.json']) await cp(join(root, file), join(folder, file));
  return folder;
}
