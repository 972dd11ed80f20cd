/** Characters that a terminal obeys rather than shows, and those that turn the direction of writing. */
const unprintable = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A text of somebody else's as it may stand in a line on a terminal. */
export function printable(text: string): string {
  return text.replace(unprintable, '\uFFFD');
}

/** All texts in an answer, made printable. */
export function allPrintable<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_, member: unknown) =>
    typeof member === 'string' ? printable(member) : member,
  ) as T;
}

/** A value as one line of JSON, with nothing in it that a terminal obeys. */
export function toJsonLine(value: unknown): string {
  const escape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return `${JSON.stringify(value).replace(unprintable, escape)}\n`;
}
