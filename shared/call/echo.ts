/**
 * Makes a look through bytes for one of some secrets: as it is, in small letters or capitals, escaped as libraries do it for a URL, JSON or HTML, each of
 * them in UTF-8 or UTF-16; in hexadecimal; in base64 of either alphabet, wherever it stands there. That much an API may do that means no harm, or
 * that a caller can ask it for. Whoever means to hide a secret still can.
 */
export function echoesOf(secrets: readonly string[]): (bytes: Buffer) => boolean {
  const forms = secrets.flatMap(formsOf);
  return (bytes) => forms.some((form) => bytes.includes(form));
}

function formsOf(secret: string): Buffer[] {
  const cased = [secret, secret.toLowerCase(), secret.toUpperCase()];
  const escaped = escapes.flatMap((escape) => [
    secret.replaceAll(special, escape),
    secret.replaceAll(special, lower(escape)),
  ]);
  const texts = Array.from(new Set([...cased, ...escaped]));
  const hex = Buffer.from(secret).toString('hex');
  const encoded = new Set([hex, hex.toUpperCase(), ...offsets.flatMap((offset) => base64At(secret, offset))]);
  return [...texts.flatMap(inCharsets), ...Array.from(encoded, (text) => Buffer.from(text))];
}

/** What some library escapes of what a secret may have; a key of API Management's own making and a token have none of it but `-`, `.` and `_`. */
const special = /[^A-Za-z0-9._-]/g;
type Escape = (character: string) => string;
const codeOf = (character: string) => character.charCodeAt(0).toString(16).toUpperCase();
const escapes: readonly Escape[] = [
  (character) => `%${codeOf(character)}`,
  (character) => `\\u00${codeOf(character)}`,
  (character) => `&#x${codeOf(character)};`,
  (character) => `&#${character.charCodeAt(0)};`,
];
const lower =
  (escape: Escape): Escape =>
  (character) =>
    escape(character).toLowerCase();

/** UTF-8, and what UTF-16 has in either order: ASP.NET answers in it whoever asks. */
function inCharsets(text: string): Buffer[] {
  return [Buffer.from(text), Buffer.from(text, 'utf16le').subarray(0, -1)];
}

const offsets = [0, 1, 2];

/** The characters that a text alone decides where it begins `offset` bytes into a group of three, in each alphabet. */
function base64At(text: string, offset: number): string[] {
  const bytes = Buffer.from('\0'.repeat(offset) + text);
  const [first, last] = [Math.ceil((offset * 8) / 6), Math.floor((bytes.length * 8) / 6)];
  return [bytes.toString('base64').slice(first, last), bytes.toString('base64url').slice(first, last)];
}
