/** What every secret of the local stack begins with. */
const canary = 'CANARY';

/**
 * Where a text holds a canary followed by what only a secret has, as it is, in base64 or base64url at any offset, or URL-encoded.
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

const forms: readonly Form[] = [
  // The digits keep the word itself, as in a source file, from being taken for a secret.
  { name: 'plain', pattern: new RegExp(`${canary}[0-9a-f]{4}`, 'g') },
  { name: 'URL-encoded', pattern: new RegExp(percentEncode(canary), 'gi') },
  ...[0, 1, 2].map((offset) => ({ name: `base64 at offset ${offset}`, pattern: new RegExp(base64At(offset), 'g') })),
];

function percentEncode(text: string): string {
  return Array.from(text, (letter) => `%${letter.charCodeAt(0).toString(16)}`).join('');
}

/** The characters of base64 that the canary alone decides when it begins `offset` bytes into a group of three. */
function base64At(offset: number): string {
  const encoded = Buffer.from('\0'.repeat(offset) + canary).toString('base64url');
  const first = Math.ceil((offset * 8) / 6);
  const last = Math.floor(((offset + canary.length) * 8) / 6);
  return encoded.slice(first, last);
}
