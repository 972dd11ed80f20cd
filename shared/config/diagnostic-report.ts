/**
 * Leaves the environment out of the diagnostic reports of Node.js, which an operator's `--report-…` in `NODE_OPTIONS` or a signal writes to a
 * file: the platform keeps `IDENTITY_HEADER` and connection strings there. The broker itself has none written.
 */
export function withholdEnvironment(): void {
  process.report.excludeEnv = true;
}
