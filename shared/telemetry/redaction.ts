import { BrokerError, type Reason } from '../errors.ts';
import type { Named } from '../names.ts';
import type { Fields } from './log.ts';

/** Ours, or `unexpected`. */
export function reasonOf(error: unknown): Reason {
  return error instanceof BrokerError ? error.reason : 'unexpected';
}

const typeName = /^[A-Za-z]{1,64}$/;

/**
 * What may be said of an error: its reason if it is ours; else its type and where it was thrown. Messages are left out, and so are causes:
 * those of the Azure SDKs and of MSAL repeat requests, answers and tokens (measured).
 */
export function describeError(error: unknown): Fields {
  if (error instanceof BrokerError) {
    const { code, reason, upstream } = error;
    return reason === 'unexpected' ? { code, reason, frames: framesOf(error) } : { code, reason, upstream };
  }
  if (!(error instanceof Error)) return { type: typeof error as Named<'type'> };
  const type = typeName.test(error.name) ? error.name : 'Error';
  return { type: type as Named<'type'>, frames: framesOf(error) };
}

/** Of a source file, or of Node.js itself: whoever writes a stack of its own may write anything that ends like a place. */
const frame = /^\s+at .*(?:\.[cm]?[jt]s|\bnode:[\w/]+):\d+:\d+\)?$/;

/** The lines below the message, which may itself look like one of them; none where its end cannot be told. */
function framesOf(error: Error): Named<'frames'> {
  const { stack, message }: { stack?: unknown; message: unknown } = error;
  if (typeof stack !== 'string' || typeof message !== 'string') return '' as Named<'frames'>;
  const heading = new RegExp(`^[A-Za-z]*${message === '' ? '' : ': '}$`);
  const end = stack.indexOf(`${message}\n`);
  if (end < 0 || !heading.test(stack.slice(0, end))) return '' as Named<'frames'>;
  const frames = stack
    .slice(end + message.length)
    .split('\n')
    .filter((line) => frame.test(line));
  return frames.map((line) => line.trim()).join(' < ') as Named<'frames'>;
}
