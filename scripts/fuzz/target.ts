import { inspect } from 'node:util';
import { BrokerError, reasonsByCode } from '../../shared/errors.ts';
import { describeError } from '../../shared/telemetry/redaction.ts';
import { findCanaries } from '../canaries.ts';

/** Something that reads what others wrote, and what must hold whatever they write. */
export type FuzzTarget = {
  readonly name: string;
  /** From where the search starts: what is good, and what is nearly. */
  readonly seeds: readonly string[];
  /** Reads one input. Throws where a guarantee is broken, and only then. */
  readonly attempt: (input: string) => void | Promise<void>;
};

const reasons: ReadonlySet<string> = new Set(Object.values(reasonsByCode).flat());

/**
 * Holds a refusal to what is documented: a `BrokerError` with a reason that there is, and no secret of the input in anything that is said of it.
 *
 * @throws {TypeError} for any other error, with that as its cause.
 */
export function expectRefusal(error: unknown): BrokerError {
  if (!(error instanceof BrokerError) || !reasons.has(error.reason) || error.reason === 'unexpected') {
    throw new TypeError(`Refused with ${inspect(error)}`, { cause: error });
  }
  expectNoSecret(`${error.message} ${JSON.stringify(describeError(error))}`);
  return error;
}

/** @throws {TypeError} where a text tells of a secret. Those of the seeds begin as those of the local stack do. */
export function expectNoSecret(text: string): void {
  const found = findCanaries(text);
  if (found.length > 0) throw new TypeError(`A secret is told: ${found.join('; ')}`);
}

/** @throws {TypeError} where something that must hold does not. */
export function expectThat(holds: boolean, what: string): void {
  if (!holds) throw new TypeError(`Not so: ${what}`);
}

/** What a function gives, or `undefined` where it refuses as documented. */
export function orRefusal<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    expectRefusal(error);
    return undefined;
  }
}

/** The same for a promise. */
export function orRefused<T>(reading: Promise<T>): Promise<T | undefined> {
  return reading.catch((error: unknown) => {
    expectRefusal(error);
    return undefined;
  });
}
