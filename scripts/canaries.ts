/** What every secret of the local stack begins with. */
const canary = 'CANARY';

/**
 * Where a text holds a canary followed by what only a secret has, as it is, in base64 or base64url at any offset (and of that in base64 once
 * more, as of a token in a Basic header), URL-encoded, or as the bytes that a printed buffer shows.
 *
 * @returns one line for each place, with what stands before it and nothing of the secret.
 */
export function findCanaries(text: string): string[] {
  return forms.flatMap(({ name, pattern }) =>
    Array.from(text.matchAll(pattern), (match) => {
      const before = text.slice(Math.max(0, match.index - 60), match.index);
      return `${name}, after ${JSON.stringify(before)}`;
    }),
  );
}

type Form = { name: string; pattern: RegExp };

const offsets = [0, 1, 2];
const bytes = Array.from(Buffer.from(canary));

const forms: readonly Form[] = [
  // The digits keep the word itself, as in a source file, from being taken for a secret.
  { name: 'plain', pattern: new RegExp(`${canary}[0-9a-f]{4}`, 'g') },
  { name: 'URL-encoded', pattern: new RegExp(percentEncode(canary), 'gi') },
  { name: 'hexadecimal', pattern: new RegExp(bytes.map((byte) => byte.toString(16)).join(' ?'), 'gi') },
  { name: 'bytes', pattern: new RegExp(`\\b${bytes.join(',\\s*')}\\b`, 'g') },
  { name: 'escaped', pattern: new RegExp(bytes.map((byte) => `\\\\u00${byte.toString(16)}`).join(''), 'gi') },
  ...offsets.map((offset) => ({
    name: `base64 at offset ${offset}`,
    pattern: new RegExp(base64At(canary, offset), 'g'),
  })),
  ...offsets.map((offset) => ({
    name: `base64 at offset ${offset}, twice`,
    pattern: new RegExp(offsets.map((outer) => base64At(base64At(canary, offset), outer)).join('|'), 'g'),
  })),
];

/** The percent sign itself may be encoded once more. */
function percentEncode(text: string): string {
  return Array.from(text, (letter) => `%(?:25)?${letter.charCodeAt(0).toString(16)}`).join('');
}

/** The characters of base64 that a text alone decides when it begins `offset` bytes into a group of three. */
function base64At(text: string, offset: number): string {
  const encoded = Buffer.from('\0'.repeat(offset) + text).toString('base64url');
  const first = Math.ceil((offset * 8) / 6);
  const last = Math.floor(((offset + text.length) * 8) / 6);
  return encoded.slice(first, last);
}
