import { describe, expect, test } from '@jest/globals';
import type { RequestId, SubscriptionName } from '../../../shared/names.ts';
import { createLogAudit, type AuditRecord } from '../../../shared/telemetry/audit.ts';
import { createLog } from '../../../shared/telemetry/log.ts';
import { toTimestamp } from '../../../shared/names.ts';

/** A log whose lines, with their levels, are kept. */
function createFixture() {
  const lines: [level: string, line: string][] = [];
  const log = createLog({
    info: (line) => void lines.push(['info', line]),
    warn: (line) => void lines.push(['warn', line]),
    error: (line) => void lines.push(['error', line]),
  });
  return { lines, log };
}

describe('a log line', () => {
  test.each(['info', 'warn', 'error'] as const)('of %s is one JSON object on its level, its event first', (level) => {
    const { lines, log } = createFixture();
    log[level]('load-failed', { kind: 'key', of: 'okq8-core' as SubscriptionName, times: 2 });
    expect(lines).toEqual([[level, '{"event":"load-failed","kind":"key","of":"okq8-core","times":2}']]);
  });

  test('may have nothing but its event', () => {
    const { lines, log } = createFixture();
    log.info('warmed-up');
    expect(lines).toEqual([['info', '{"event":"warmed-up"}']]);
  });

  test('leaves out what is not known, and says what is known to be nothing', () => {
    const { lines, log } = createFixture();
    log.warn('load-failed', { of: undefined, reason: null });
    expect(lines).toEqual([['warn', '{"event":"load-failed","reason":null}']]);
  });

  test('is one line whatever is in it', () => {
    const { lines, log } = createFixture();
    log.info('audit', { of: 'two\nlines' as SubscriptionName });
    expect(lines[0]?.[1].split('\n')).toHaveLength(1);
  });
});

describe('the audit trail on the log', () => {
  const record: AuditRecord = {
    time: toTimestamp(0),
    requestId: 'request' as RequestId,
    action: 'headers.hand-out',
    outcome: 'allowed',
    code: null,
    reason: null,
    status: 200,
    durationMs: 1,
  };

  test('has one line for each record, as it is', async () => {
    const { lines, log } = createFixture();
    await createLogAudit().accept(record, log);
    expect(lines).toEqual([['info', expect.any(String)]]);
    expect(JSON.parse(lines[0]?.[1] ?? '')).toEqual({ event: 'audit', ...record });
  });

  test('has not accepted a record when the log fails', async () => {
    const broken = () => {
      throw new Error('the log is full');
    };
    const log = createLog({ info: broken, warn: broken, error: broken });
    await expect(createLogAudit().accept(record, log)).rejects.toThrow('full');
  });
});
