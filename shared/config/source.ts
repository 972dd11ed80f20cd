import { ConfigError } from './problem.ts';

/** A configuration as its source has it. */
export type ConfigText = {
  /** Absent where it is longer than any configuration, and was not read to its end. */
  readonly text: string | undefined;
  readonly etag: string;
};

/** Where a configuration is kept that may change while the broker runs. */
export type ConfigSource = {
  /**
   * Reads it in one request.
   *
   * @param etag of what was read before.
   * @returns `undefined` when it is still the same.
   * @throws {BrokerError} `storage-…` or `identity-…`, never another error.
   */
  read(etag: string | undefined, signal: AbortSignal): Promise<ConfigText | undefined>;
};

/** @throws {ConfigError} for what was too long to be read. */
export function expectText(found: ConfigText | undefined): string {
  if (found?.text !== undefined) return found.text;
  const problem = { path: 'the file', problem: 'is longer than 1 MiB', remedy: 'Write less into it.' };
  throw new ConfigError('The configuration', [problem]);
}
