import { problemKinds } from '../../shared/http/problems.ts';
import { findCanaries } from '../canaries.ts';
import { requestTimeoutMs } from './config.ts';
import type { Kind } from './requests.ts';

/** The guarantee of docs/guarantees.md that is broken, or what docs/http-api.md says of every answer. */
export type Broken = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 'contract';
export type Violation = { readonly broken: Broken; readonly what: string };

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** From sending until all of it was there. */
  readonly tookMs: number;
};

const standing = { 'cache-control': 'no-store', pragma: 'no-cache', 'x-content-type-options': 'nosniff' };
/** A machine that is busy is no fault of the broker's. */
const allowanceMs = 2_000;
/** Where this process, which is the load and all upstreams, was late by more than this, nothing is said of how long an answer took. */
export const mostLagMs = 1_000;

/**
 * What is wrong with an answer, whatever fault there is.
 *
 * @param lagMs how late this process itself was meanwhile.
 */
export function judge(kind: Kind, answer: Answer, lagMs: number): Violation[] {
  const { status, headers, text, tookMs } = answer;
  const isGiven = status >= 200 && status < 300;
  const searched = `${JSON.stringify([...headers])}${(kind.handsOut || kind.tellsOwn) && isGiven ? '' : text}`;
  return [
    ...found(kind.guards !== undefined && isGiven, kind.guards ?? 'contract', `${kind.name} is answered ${status}`),
    ...findCanaries(searched).map((where): Violation => ({
      broken: 3,
      what: `${kind.name}: a secret in the answer, ${where}`,
    })),
    ...found(
      lagMs <= mostLagMs && tookMs > requestTimeoutMs + allowanceMs,
      8,
      `${kind.name} took ${Math.round(tookMs)} ms`,
    ),
    ...Object.entries(standing).flatMap(([name, value]) =>
      found(headers.get(name) !== value, 'contract', `${kind.name}: ${name}: ${headers.get(name)}`),
    ),
    ...(isGiven || headers.get('via') !== null ? [] : judgeRefusal(kind, answer)),
  ];
}

function judgeRefusal({ name, expects }: Kind, { status, headers, text }: Answer): Violation[] {
  if (status < 400) return found(!expects.includes(status), 'contract', `${name} is answered ${status}`);
  const code = codeOf(text);
  const kind = Object.entries(problemKinds).find(([each]) => each === code)?.[1];
  const isPassing = status === 502 || status === 503;
  const mustSayWhen = isPassing || status === 429;
  return [
    ...found(kind?.status !== status, 'contract', `${name}: ${status} with the code ${code}`),
    ...found(!expects.includes(status) && !isPassing, 'contract', `${name} is answered ${status} ${code}`),
    ...found(
      mustSayWhen && !/^[1-9]\d*$/.test(headers.get('retry-after') ?? ''),
      'contract',
      `${name}: ${status} without Retry-After`,
    ),
  ];
}

/** Of a problem; no code of ours where it is none. */
export function codeOf(text: string): string {
  try {
    const { code }: { code?: unknown } = JSON.parse(text);
    return typeof code === 'string' ? code : '(none)';
  } catch {
    return '(no problem)';
  }
}

function found(isWrong: boolean, broken: Broken, what: string): Violation[] {
  return isWrong ? [{ broken, what }] : [];
}
