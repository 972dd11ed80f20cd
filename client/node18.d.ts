/**
 * What Node.js 18 has besides the language, as far as the client uses it: it is checked against this file and ES2022 alone, so that nothing
 * newer gets in unseen. Whoever imports the client has these types from elsewhere.
 */

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

declare class URL {
  constructor(url: string, base?: string);
  readonly hash: string;
  readonly hostname: string;
  readonly href: string;
  readonly origin: string;
  readonly password: string;
  readonly pathname: string;
  readonly protocol: string;
  readonly search: string;
  readonly username: string;
}

interface HeadersInit {}

declare class Headers {
  constructor(init?: HeadersInit);
  get(name: string): string | null;
  set(name: string, value: string): void;
  delete(name: string): void;
}

interface StreamReader {
  read(): Promise<{ done: boolean; value?: Uint8Array }>;
  cancel(): Promise<void>;
}

interface Response {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { cancel(): Promise<void>; getReader(): StreamReader } | null;
  clone(): Response;
  text(): Promise<string>;
}

interface RequestInit {
  body?: unknown;
  headers?: HeadersInit;
  method?: string;
  redirect?: 'error' | 'follow' | 'manual';
  signal?: AbortSignal | null;
}

declare function fetch(url: string, init?: RequestInit): Promise<Response>;

declare class TextDecoder {
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string;
}

declare const performance: { now(): number };
declare function setTimeout(callback: () => void, delayMs: number): object;
declare function clearTimeout(timer: object): void;
