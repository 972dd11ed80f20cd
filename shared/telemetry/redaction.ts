import { BrokerError } from '../errors.ts';
import type { Named } from '../names.ts';
import type { Fields } from './log.ts';

const typeName = /^[A-Za-z]{1,64}$/;

/**
 * What may be said of an error: its reason if it is ours; else its type and where it was thrown. Messages are left out, and so are causes:
 * those of the Azure SDKs and of MSAL repeat requests, answers and tokens (measured).
 */
export function describeError(error: unknown): Fields {
  if (error instanceof BrokerError) return { code: error.code, reason: error.reason };
  if (!(error instanceof Error)) return { type: typeof error as Named<'type'> };
  const type = typeName.test(error.name) ? error.name : 'Error';
  return { type: type as Named<'type'>, frames: framesOf(error) };
}

function framesOf({ stack = '' }: Error): Named<'frames'> {
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return frames.map((line) => line.trim()).join(' < ') as Named<'frames'>;
}
