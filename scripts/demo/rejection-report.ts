/** What the demonstration came to, under the names that `--json` prints. */
export type RejectionOutcome = {
  /** Through the client. */
  calls: number;
  callsPerSecond: number;
  /** 401 of a gateway. */
  refusals: number;
  /** Calls that got something other than 200, after their one repeat. */
  failures: number;
  /** Reports that the broker answered, by what came of them. */
  reports: Record<string, number>;
  /** From the regenerate to the first answer that has the other slot's key; `null` where there was none. */
  alternateAfterMs: number | null;
  /** Whether it answered the first report. */
  byFirstReport: boolean;
  /** How often `key-refused` was logged. */
  alerts: number;
  seconds: number;
};

/** Why the demonstration does not show what it is to show; empty when it does. */
export function problemsOfRejection(outcome: RejectionOutcome, rate: number): string[] {
  const { refusals, failures, alternateAfterMs, byFirstReport, alerts, callsPerSecond } = outcome;
  return [
    ...(refusals === 0 ? ['No call was refused.'] : []),
    ...(failures > 0 ? [`Failed after the one repeat: ${failures}.`] : []),
    ...(alternateAfterMs === null ? ['The other slot’s key was not handed out.'] : []),
    ...(alternateAfterMs !== null && !byFirstReport ? ['The first report did not bring the other slot’s key.'] : []),
    ...(alerts === 0 ? ['The alert was not logged.'] : []),
    ...(callsPerSecond < 0.95 * rate ? [`Fewer than ${rate} calls a second.`] : []),
  ];
}

export function describeRejection(outcome: RejectionOutcome): string {
  const { alternateAfterMs, byFirstReport } = outcome;
  const reports = Object.entries(outcome.reports).map(([action, count]) => `${count} ${action}`);
  const alternate = alternateAfterMs === null ? 'never' : `${alternateAfterMs} ms after the regenerate`;
  const rows: [string, string][] = [
    ['calls', `${outcome.calls} (${outcome.callsPerSecond} a second)`],
    ['refused at first', String(outcome.refusals)],
    ['failed after repeat', String(outcome.failures)],
    ['reports', reports.join(', ') || 'none'],
    ['alternate', `${alternate}${byFirstReport ? ', in answer to the first report' : ''}`],
    ['alerts', String(outcome.alerts)],
    ['seconds', String(outcome.seconds)],
  ];
  return `\n${rows.map(([name, value]) => `  ${name.padEnd(22)}${value}\n`).join('')}`;
}
