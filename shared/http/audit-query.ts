import * as z from 'zod/mini';
import { parseDuration } from '../config/duration.ts';
import { BrokerError } from '../errors.ts';
import type { AuditQuery } from '../telemetry/ports.ts';
import { isTrail } from '../telemetry/trail.ts';
import { readQuery } from './query.ts';

const defaultSince = '24h';
const [defaultLimit, mostRecords] = [100, 1_000];
/** Each day is a request to the store. */
const longestMs = 31 * 86_400_000;
const moment = z.iso.datetime({ offset: true });

/**
 * Reads what of the trail is asked for. Without `since` the last 24 h, without `until` up to now, without `limit` 100 records.
 *
 * @param nowMs wall clock, in milliseconds.
 * @throws {BrokerError} `invalid-request`.
 */
export function readAuditQuery(url: string, nowMs: number): AuditQuery {
  const query = readQuery(url, ['caller', 'since', 'until', 'limit']);
  const trail = query.get('caller') ?? '';
  const sinceMs = readMoment(query.get('since') ?? defaultSince, nowMs);
  const untilMs = readMoment(query.get('until') ?? '0s', nowMs);
  const limit = readLimit(query.get('limit') ?? String(defaultLimit));
  if (!isTrail(trail) || !(sinceMs <= untilMs) || untilMs - sinceMs > longestMs)
    throw new BrokerError('audit-query-malformed');
  return { trail, sinceMs, untilMs, limit };
}

/** A moment as RFC 3339 writes it, with any offset, or how long ago it was. */
function readMoment(text: string, nowMs: number): number {
  const agoMs = parseDuration(text);
  const wallMs = agoMs === undefined ? parseMoment(text) : nowMs - agoMs;
  if (wallMs === undefined || wallMs < 0) throw new BrokerError('audit-query-malformed');
  return wallMs;
}

function parseMoment(text: string): number | undefined {
  return moment.safeParse(text).success ? Date.parse(text) : undefined;
}

function readLimit(text: string): number {
  const limit = /^[1-9]\d{0,3}$/.test(text) ? Number(text) : Infinity;
  if (limit > mostRecords) throw new BrokerError('audit-query-malformed');
  return limit;
}
