import { isDeepStrictEqual } from 'node:util';
import { parseDuration } from '../../../shared/config/duration.ts';
import { loadConfig } from '../../../shared/config/load.ts';
import { ConfigError } from '../../../shared/config/problem.ts';
import { validateConfig } from '../../../shared/config/validate.ts';
import { fullFile, leastFile } from '../../../test/shared/config/file.ts';
import { expectThat, type FuzzTarget } from '../target.ts';

/** What a reader of configuration gives, or `undefined` for a text that it refuses with every problem named. */
function orProblems<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const isTold = error.problems.length > 0 && error.problems.every(({ remedy }) => remedy !== '');
    expectThat(isTold, 'what is refused says what is wrong, and what to do');
    return undefined;
  }
}

export const config: FuzzTarget = {
  name: 'config',
  seeds: [JSON.stringify(fullFile()), JSON.stringify(leastFile()), '{ // nothing\n}', ''],
  attempt: (input) => {
    const read = orProblems(() => validateConfig(input, 'the file'));
    if (!read) return;
    expectThat(isDeepStrictEqual(read, validateConfig(input, 'the file')), 'it is read as it was before');
    expectThat(Object.isFrozen(read) && Object.isFrozen(read.broker), 'it is frozen');
    const durations = [read.broker.headerLifetimeMs, read.broker.requestTimeoutMs, read.broker.upstreamTimeoutMs];
    expectThat(
      durations.every((ms) => Number.isSafeInteger(ms) && ms > 0),
      'durations are milliseconds',
    );
    const apis = new Set(read.apis.map(({ name }) => name));
    expectThat(
      read.callers.every((caller) => caller.apis.every((api) => apis.has(api))),
      'every name is known',
    );
  },
};

const settings = {
  BROKER_CONFIG: 'no-such-file.json',
  KEY_VAULT_URL: 'https://vault.example',
  TABLE_SERVICE_URL: 'https://tables.example',
  AZURE_AUTHORITY_HOST: 'https://login.example',
};

export const environment: FuzzTarget = {
  name: 'environment',
  seeds: [JSON.stringify(settings), JSON.stringify({ ...settings, BROKER_CONFIG: 'https://a.blob.example/b/c.json' })],
  attempt: (input) => {
    orProblems(() => loadConfig(toEnvironment(input)));
    const ms = parseDuration(input);
    expectThat(ms === undefined || ms >= 0, 'a duration is not negative');
  },
};

function toEnvironment(input: string): Record<string, string> {
  try {
    return Object.fromEntries(
      Object.entries(Object(JSON.parse(input))).map(([name, value]) => [name, JSON.stringify(value)]),
    );
  } catch {
    return { BROKER_CONFIG: input };
  }
}
