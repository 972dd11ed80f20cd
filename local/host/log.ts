import { types } from 'node:util';
import type { LogCategory, LogLevel } from './rpc.ts';

/** `source` is a function's name, `app` for what the app logs outside of an invocation, `host` for the host itself. */
export type Log = (level: LogLevel, category: LogCategory, source: string, message: string) => void;

const quietSystemLevels = new Set<LogLevel>(['trace', 'debug', 'information']);

// A message with a line break or a terminal escape could pass for a line of its own.
const unprintable = /[\p{Cc}\u2028\u2029]/gu;
const escapes: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escapeCharacter(character: string): string {
  return escapes[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** `<ISO time> <level> <source> <message>`, always one line. */
export function formatLine(at: Date, level: LogLevel, source: string, message: string): string {
  return `${at.toISOString()} ${level} ${source} ${message.replace(unprintable, escapeCharacter)}\n`;
}

/** Everything that the app logs, and the system's warnings and errors; all of the system's with `verbose`. */
export function createLog(verbose: boolean, write: (line: string) => unknown): Log {
  return (level, category, source, message) => {
    if (level === 'none') return;
    if (!verbose && category !== 'user' && quietSystemLevels.has(level)) return;
    write(formatLine(new Date(), level, source, message));
  };
}

/** The stack, and those of the causes. Never `inspect`: the SDKs' errors carry requests with secrets. */
export function describeError(error: unknown): string {
  if (!types.isNativeError(error)) return typeof error === 'string' ? error : `threw ${describeType(error)}`;
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return types.isNativeError(error.cause) && error.cause !== error
    ? `${own}\ncaused by ${describeError(error.cause)}`
    : own;
}

function describeType(value: unknown): string {
  return value === null ? 'null' : `a value of type ${typeof value} instead of an Error`;
}
