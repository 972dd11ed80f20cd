import { subscribe } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
import type { ClientRequest } from 'node:http';
import { Module } from 'node:module';

// Loaded into the host's process before the host: writes down when the app was imported, and when each request to an upstream was under way. Times are
// milliseconds since the epoch, so that another process can tell them from its own.

/** What the host's process has seen of its start. */
export type StartReport = {
  readonly importFrom: number;
  readonly importTo: number;
  readonly requests: readonly { readonly url: string; readonly from: number; readonly to: number }[];
};

const now = () => performance.timeOrigin + performance.now();
const requests: { url: string; from: number; to: number }[] = [];
const underWay = new WeakMap<object, { url: string; from: number }>();
let [importFrom, importTo] = [0, 0];

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
  if (!id.endsWith('/dist/main.cjs')) return original.call(this, id);
  importFrom = now();
  const exported: unknown = original.call(this, id);
  importTo = now();
  return exported;
}, original);

process.on('exit', () => {
  const report: StartReport = { importFrom, importTo, requests };
  writeFileSync(process.env['START_REPORT'] ?? '', JSON.stringify(report));
});
