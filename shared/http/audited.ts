import type { Clock } from '../clock.ts';
import { BrokerError } from '../errors.ts';
import { toTimestamp } from '../names.ts';
import type { Audit, AuditAction, AuditFacts, AuditRecord } from '../telemetry/audit.ts';
import type { Answer } from './answer.ts';
import { problemKinds } from './problems.ts';
import type { Exchange, Route } from './serve.ts';

/** A route that notes on its way what its audit record will say. */
export type Decide<Decided = Answer> = (exchange: Exchange, facts: AuditFacts, signal: AbortSignal) => Promise<Decided>;

type Dependencies = { clock: Clock; audit: Audit };

/** Has one audit record accepted for each decision, before its answer leaves. */
export function createAudited<Decided = Answer>(
  { clock, audit }: Dependencies,
  action: AuditAction,
  decide: Decide<Decided>,
): (...exchange: Parameters<Route>) => Promise<Decided> {
  const record = (exchange: Exchange, facts: AuditFacts, conclusion: Conclusion): AuditRecord => ({
    time: toTimestamp(clock.wall()),
    requestId: exchange.requestId,
    action,
    ...conclusion,
    durationMs: Math.round((clock.monotonic() - exchange.startedAt) * 1_000) / 1_000,
    ...facts,
  });

  const accept = async (exchange: Exchange, facts: AuditFacts, conclusion: Conclusion) => {
    try {
      await audit.accept(record(exchange, facts, conclusion), exchange.log);
    } catch (cause) {
      const retryAfterMs = cause instanceof BrokerError ? cause.retryAfterMs : undefined;
      throw new BrokerError('audit-unavailable', { cause, retryAfterMs });
    }
  };

  return async (exchange, signal) => {
    const facts: AuditFacts = {};
    const answer = await decide(exchange, facts, signal).catch(async (error: unknown) => {
      await accept(exchange, facts, concludeFrom(error));
      throw error;
    });
    await accept(exchange, facts, allowed);
    return answer;
  };
}

type Conclusion = Pick<AuditRecord, 'outcome' | 'code' | 'reason' | 'status'>;

const allowed: Conclusion = { outcome: 'allowed', code: null, reason: null, status: 200 };

function concludeFrom(error: unknown): Conclusion {
  const { code, reason } = error instanceof BrokerError ? error : new BrokerError('unexpected');
  const { status } = problemKinds[code];
  return { outcome: status >= 500 ? 'failed' : 'refused', code, reason, status };
}
