/** A request's body: a text, however often. In latin1, so that it can hold any bytes. */
export type Body = { readonly text: string; readonly times: number };

/** One request of the fuzz, without its token. */
export type Case = {
  readonly method: string;
  /** The request target as it is sent: path and query, encoded or badly so. */
  readonly target: string;
  /** Who asks, and how: a kind of `tokens.ts`. */
  readonly token: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Body | undefined;
};

/** Stands in every text that the fuzz makes up, so that it is found where a problem echoes it. */
export const marker = 'zq7';

export function bytesOf({ text, times }: Body): Buffer {
  return Buffer.from(text.repeat(times), 'latin1');
}

/** Whether the platform refuses it for the size of its headers. */
export function isTooLarge({ headers }: Case, authorizations: readonly string[]): boolean {
  const texts = [...headers.flat(), ...authorizations];
  return texts.reduce((length, text) => length + text.length, 0) > mostHeaderBytes;
}

/** Kestrel's limit is 32 KB; what every request carries takes a little of it. */
const mostHeaderBytes = 31 * 1_024;
/** What can be pasted into a shell; longer bodies are told by how they are made. */
const mostToPaste = 2_000;

/** A line that sends the request again. @param authorizations as a shell reads them in double quotes. */
export function toCurl(
  broker: string,
  { method, target, headers, body }: Case,
  authorizations: readonly string[],
): string {
  const parts = [
    `curl -si --path-as-is ${method === 'HEAD' ? '--head' : `-X ${method}`} ${quote(`${broker}${target}`)}`,
    ...authorizations.map((value) => `-H "Authorization: ${value}"`),
    ...headers.map(([name, value]) => `-H ${quote(value === '' ? `${name};` : `${name}: ${value}`)}`),
    ...(body ? [bodyOf(body)] : []),
  ];
  return parts.join(' ');
}

function bodyOf(body: Body): string {
  const bytes = bytesOf(body);
  const isText = /^[\n\x20-\x7e]*$/.test(body.text);
  if (isText && bytes.length <= mostToPaste) return `--data-binary ${quote(bytes.toString('latin1'))}`;
  const source = `process.stdout.write(Buffer.from(${JSON.stringify(body.text)}.repeat(${body.times}),"latin1"))`;
  return `--data-binary @<(node -e ${quote(source)})`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
