import type { ApiAnswer, ApiCall } from '../call/ports.ts';
import type { Clock } from '../clock.ts';
import type { HeaderSet, Requirement } from '../credentials/header-set.ts';
import { blame } from '../credentials/rejection.ts';
import type { Rejections } from '../credentials/rejections.ts';
import { BrokerError } from '../errors.ts';
import type { AuditFacts } from '../telemetry/audit.ts';
import { noteSet } from './asked.ts';
import type { Exchange } from './serve.ts';

/** A call that was decided on, and with what. */
export type DecidedCall = {
  readonly call: ApiCall;
  readonly requirement: Requirement;
  readonly set: HeaderSet;
  /** What its audit record says. */
  readonly facts: AuditFacts;
};

/** The call to make once more in place of an answer; `undefined` where that answer stands, also because nothing else is to be had. */
export type Repeat = (
  decided: DecidedCall,
  answer: ApiAnswer,
  exchange: Exchange,
  signal: AbortSignal,
) => Promise<ApiCall | undefined>;

type Dependencies = {
  clock: Clock;
  rejections: Pick<Rejections, 'reject'>;
  /** Has the record of a repeat accepted. */
  record: (exchange: Exchange, facts: AuditFacts, signal: AbortSignal) => Promise<void>;
};

/** In bytes: more than the documented messages need, and as much as a caller may report. */
const beginning = 4_096;

/**
 * Decides whether a call that was refused is worth another try: where the gateway says in documented words that it refused the credential, and
 * the broker has another by now. The gateway says so before it passes anything on, so that any method may be repeated.
 */
export function createRepeat({ clock, rejections, record }: Dependencies): Repeat {
  return async ({ call, requirement, set, facts }, { status, body: bytes }, exchange, signal) => {
    if (status !== 401) return undefined;
    const body = new TextDecoder().decode(bytes.subarray(0, beginning));
    if (blame(body) === 'unknown') return undefined;
    try {
      const { set: current, rejection } = await rejections.reject({ requirement, id: set.id, status, body }, signal);
      if (current.id === set.id) return undefined;
      const found: AuditFacts = { ...facts, rejected: rejection.credential, rejection: rejection.action };
      noteSet(found, current, clock.wall());
      await record(exchange, found, signal);
      return { ...call, credentials: current.headers };
    } catch (error) {
      // What the API has answered is worth more to the caller than what keeps the broker from asking again.
      if (error instanceof BrokerError && error.reason !== 'unexpected') return undefined;
      throw error;
    }
  };
}
