import { once } from 'node:events';
import { createConnection } from 'node:net';

/** An answer. Its body's members, where that is a JSON object. */
export type Answer = { status: number; headers: Headers; body: Record<string, unknown> };

/** What to ask with: JSON or a form, or neither. */
export type Ask = {
  method?: string;
  headers?: Record<string, string>;
  json?: object;
  form?: Record<string, string>;
};

export async function ask(url: string, { method, headers = {}, json, form }: Ask = {}): Promise<Answer> {
  const type = json ? { 'Content-Type': 'application/json' } : {};
  const body = json ? JSON.stringify(json) : form && new URLSearchParams(form);
  const response = await fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...type, ...headers },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: readMembers(text) };
}

function readMembers(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
  } catch {
    return {};
  }
}

/** Whether anything listens there. */
export async function isOpen(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = createConnection({ host: hostname, port: Number(port) });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
