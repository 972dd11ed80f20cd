import { inspect } from 'node:util';

const redacted = '[redacted]';

/**
 * A text that must not be seen: a client secret, a subscription key, a token.
 *
 * It prints, inspects and serialises as `[redacted]`. `open()` is called only where a header or a request body is built.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself. */
  open(): string {
    return this.#text;
  }

  toString(): string {
    return redacted;
  }

  toJSON(): string {
    return redacted;
  }

  [inspect.custom](): string {
    return redacted;
  }
}
