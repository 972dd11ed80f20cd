import { subscribe } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
import type { ClientRequest } from 'node:http';
import { Module } from 'node:module';

// Loaded into the host's process before the host: writes down when the app was imported, and when each request to an upstream was under way. Times are
// milliseconds since the epoch, so that another process can tell them from its own.

/** When something began and ended. */
type Span = { readonly from: number; readonly to: number };

/** What the host's process has seen of its start. */
export type StartReport = {
  /** Of what `main` of package.json names. */
  readonly main: Span;
  /** Of the file that it loads afterwards. An app has none that is one file. */
  readonly broker: Span | undefined;
  readonly requests: readonly (Span & { readonly url: string })[];
};

const now = () => performance.timeOrigin + performance.now();
const requests: { url: string; from: number; to: number }[] = [];
const underWay = new WeakMap<object, { url: string; from: number }>();
const imports = new Map<string, Span>();

const begin = (request: object, url: string) => underWay.set(request, { url, from: now() });
const end = (request: object) => {
  const begun = underWay.get(request);
  if (begun) requests.push({ ...begun, to: now() });
};

// Of the Azure SDKs, which use node:https.
subscribe('http.client.request.start', (message) => {
  const { request } = message as { request: ClientRequest };
  begin(request, `${request.protocol}//${request.host}${request.path}`);
});
subscribe('http.client.response.finish', (message) => end((message as { request: ClientRequest }).request));
// Of fetch.
subscribe('undici:request:create', (message) => {
  const { request } = message as { request: { origin: string; path: string } };
  begin(request, `${request.origin}${request.path}`);
});
subscribe('undici:request:trailers', (message) => end((message as { request: object }).request));

// oxlint-disable-next-line typescript/unbound-method -- called with its module below
const original = Module.prototype.require;
Module.prototype.require = Object.assign(function require(this: Module, id: string): unknown {
  const file = /\/(main|broker)\.cjs$/.exec(id)?.[1];
  if (file === undefined) return original.call(this, id);
  const from = now();
  const exported: unknown = original.call(this, id);
  imports.set(file, { from, to: now() });
  return exported;
}, original);

process.on('exit', () => {
  const main = imports.get('main') ?? { from: 0, to: 0 };
  const report: StartReport = { main, broker: imports.get('broker'), requests };
  writeFileSync(process.env['START_REPORT'] ?? '', JSON.stringify(report));
});
