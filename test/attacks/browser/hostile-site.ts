import { createServer } from 'node:http';
import { listen, type Listening } from './listening.ts';

/** A site of the attacker's. It gives everything to anybody, and notes whatever it is asked. */
export type HostileSite = Listening & {
  /** What it was asked since the last `begin`, but for its own page. */
  asked(): readonly string[];
  begin(): void;
};

const types: readonly (readonly [ending: string, type: string, body: string])[] = [
  ['.js', 'text/javascript', 'globalThis.won = "a script of the attacker’s ran"'],
  ['.css', 'text/css', 'body { display: none }'],
  ['', 'text/html', '<!doctype html><title>Kittens</title><body>'],
];

export async function openHostileSite(): Promise<HostileSite> {
  let asked: string[] = [];
  const server = createServer(({ method, url = '/' }, response) => {
    if (url !== '/' && url !== '/favicon.ico') asked.push(`${method} ${url}`);
    const [, type, body] = types.find(([ending]) => url.endsWith(ending)) ?? ['', 'text/plain', ''];
    response
      .writeHead(200, {
        'content-type': `${type}; charset=utf-8`,
        'access-control-allow-origin': '*',
        'access-control-allow-headers': '*',
      })
      .end(body);
  });
  return {
    ...(await listen(server)),
    asked: () => asked,
    begin: () => {
      asked = [];
    },
  };
}
