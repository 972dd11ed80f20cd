import { since, type Clock, type Moment } from './clock.ts';
import { BrokerError } from './error.ts';

/** What the broker hands out for an API. Its headers are secrets: send them, and keep them out of logs. */
export type HeaderSet = {
  /** Names the set in the broker's records. Holds no secret, and no meaning but that. */
  readonly id: string;
  readonly api: string;
  /** Where the API is called, without a slash at its end. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** ISO 8601. Until then the headers are good. */
  readonly expiresOn: string;
  /** ISO 8601. From then on the client asks for a new set. */
  readonly refreshOn: string;
};

/** A set, and how long it is good from the moment before it was asked for: no clock but this machine's counts. */
export type Given = {
  readonly set: HeaderSet;
  readonly askedAt: Moment;
  readonly refreshMs: number;
  readonly expiryMs: number;
};

export function isExpired(clock: Clock, { askedAt, expiryMs }: Given): boolean {
  return since(clock, askedAt) >= expiryMs;
}

/** Whether two sets prove the same. Their ids and times may differ. */
export function isSame(one: HeaderSet, other: HeaderSet): boolean {
  return JSON.stringify(one.headers) === JSON.stringify(other.headers);
}

/** @throws {BrokerError} `unexpected-answer` where it is no header set, or one for more than 100,000 seconds: without an end it would never be asked for again. */
export function readGiven(text: string, askedAt: Moment): Given {
  const { id, api, baseUrl, headers, expiresOn, refreshOn, expiresIn, refreshIn } = parseObject(text);
  if (
    ![id, api, expiresOn, refreshOn].every((member) => typeof member === 'string') ||
    ![expiresIn, refreshIn].every((member) => typeof member === 'number' && Math.abs(member) < 1e5) ||
    typeof baseUrl !== 'string' ||
    !/^https?:\/\/[^?#]+$/.test(baseUrl) ||
    typeof headers !== 'object' ||
    !Object.keys(headers ?? 0).length ||
    !Object.entries(headers ?? 0).every(([name, value]) => /^[a-z][\w-]*$/i.test(name) && isHeaderValue(value))
  ) {
    throw new BrokerError('unexpected-answer', 'The broker answered something that is no header set.');
  }
  const set = { id, api, baseUrl, headers: Object.freeze(headers), expiresOn, refreshOn } as HeaderSet;
  return {
    set: Object.freeze(set),
    askedAt,
    refreshMs: Number(refreshIn) * 1_000,
    expiryMs: Number(expiresIn) * 1_000,
  };
}

/** Whether it can be sent as it is. What sends it would say of any other what it is, in an error that is logged. */
export function isHeaderValue(value: unknown): value is string {
  return typeof value === 'string' && /^[!-~]([ -~]*[!-~])?$/.test(value);
}

/** The members of a JSON object; none where the text is something else. */
export function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
