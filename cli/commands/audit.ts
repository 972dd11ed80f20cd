import { auditAnswer, type AuditAnswer } from '../../shared/http/contract/audit.ts';
import { parseDuration } from '../../shared/config/duration.ts';
import { namePattern } from '../../shared/names.ts';
import { fixedTrails, isTrail } from '../../shared/telemetry/trail.ts';
import { defineCommand, type Given } from '../command.ts';
import { connect } from '../connection/broker.ts';
import { refuse, type ExitCode } from '../failure.ts';
import type { Outside } from '../outside.ts';
import { absolute } from '../text/moments.ts';
import { allPrintable, toJsonLine } from '../text/printable.ts';
import { table } from '../text/table.ts';

const options = {
  caller: {
    type: 'string',
    value: 'NAME',
    help: 'Whose: a name of the broker’s configuration, _operators, or _unknown. Required.',
  },
  since: {
    type: 'string',
    value: 'WHEN',
    help: 'From then on: 24h, 7d, or a moment such as 2026-11-24T03:00:00Z. Default: 24h.',
  },
  until: { type: 'string', value: 'WHEN', help: 'And before then. Default: now.' },
  limit: { type: 'string', value: 'N', help: 'At most so many records, 1 to 1000. Default: 100.' },
} as const;

export const auditCommand = defineCommand({
  name: 'audit',
  summary: 'What one caller asked for and was given, newest first.',
  operands: [],
  options,
  details: [
    'With --json one record in a line. Says on stderr where there are more than the limit.',
    'Reads the trail in Table Storage; where the broker writes it to its log alone, the broker says so. Needs the app role Operations.Read.',
  ],
  examples: ['broker audit --caller billing', 'broker audit --caller billing --since 7d --limit 1000 --json'],
  run: showAudit,
});

async function showAudit({ values }: Given<typeof options>, outside: Outside): Promise<ExitCode> {
  const { caller, since = '24h', until, limit = '100' } = values;
  if (caller === undefined) refuse('Say whose with --caller NAME.');
  if (!isTrail(caller)) {
    refuse(`--caller takes a name of the broker’s configuration, such as billing, or ${fixedTrails.join(' or ')}.`);
  }
  if (!/^[1-9]\d*$/.test(limit) || Number(limit) > 1_000) refuse('--limit takes a number from 1 to 1000.');
  const query = {
    caller,
    since: readMoment('--since', since),
    until: until === undefined ? undefined : readMoment('--until', until),
    limit,
  };
  const broker = await connect(values, outside);
  const { records, complete } = await broker.ask({ path: '/v1/audit', query }, auditAnswer);
  outside.out.write(
    values.json ? records.map(toJsonLine).join('') : describeRecords(allPrintable(records), !namePattern.test(caller)),
  );
  if (!complete) outside.err.write('There are more: raise --limit, or go back further with --until.\n');
  return 0;
}

const moment = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

/** A duration back from now as it is, by the broker's clock; a moment as RFC 3339 writes it in UTC. A date alone is its midnight in UTC. */
function readMoment(option: string, text: string): string {
  if (parseDuration(text) !== undefined) return text;
  const read = moment.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(read))
    return refuse(
      `${option} takes a duration back from now such as 24h or 7d, or a moment such as 2026-11-24T03:00:00Z.`,
    );
  return new Date(read).toISOString();
}

/** @param areOthers whether these are not of one caller, so that each says whose it is. */
function describeRecords(records: AuditAnswer['records'], areOthers: boolean): string {
  if (records.length === 0) return 'Nothing in that time.\n';
  const rows = records.map((record) => [
    absolute(record.time),
    record.action,
    record.outcome,
    record.status,
    subjectOf(record),
    record.statedReason ?? record.reason ?? '',
    ...(areOthers ? [record.objectId ?? record.clientId ?? ''] : []),
    record.requestId,
  ]);
  const headings = ['when', 'action', 'outcome', 'status', 'what', 'why', ...(areOthers ? ['who'] : []), 'request id'];
  return `${table(headings, rows).join('\n')}\n`;
}

function subjectOf({ subscription, trail, api, access }: AuditAnswer['records'][number]): string {
  return subscription ?? trail ?? [api, access].filter(Boolean).join(' ');
}
