/** An HTTP message as the inputs have it: a first line, headers, an empty line, and the rest. */
export type Message = {
  readonly first: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
};

export function readMessage(input: string): Message {
  const [head = '', ...rest] = input.split('\n\n');
  const [first = '', ...lines] = head.split('\n');
  const headers = lines.map((line) => {
    const at = line.indexOf(':');
    return [line.slice(0, at), line.slice(at + 1).trim()] as const;
  });
  return { first, headers, body: rest.join('\n\n') };
}

/** What HTTP can carry of them. */
export function toHeaders(headers: Message['headers']): Headers {
  const kept = new Headers();
  for (const [name, value] of headers) {
    if (/^[\w-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)) kept.append(name, value);
  }
  return kept;
}

/** An upstream's answer, its first line the status. */
export function toResponse(input: string): Response {
  const { first, headers, body } = readMessage(input);
  const asked = Number(first);
  const status = Number.isInteger(asked) && asked >= 200 && asked <= 599 ? asked : 200;
  const hasNoBody = status === 204 || status === 205 || status === 304;
  return new Response(hasNoBody ? null : body, { status, headers: toHeaders(headers) });
}

/** Runs something whose every request is answered with the answers in turn, the last of them for ever. */
export async function withAnswers<T>(inputs: readonly string[], run: () => Promise<T>): Promise<T> {
  const { fetch } = globalThis;
  let asked = 0;
  globalThis.fetch = async () => {
    const input = inputs[Math.min(asked, inputs.length - 1)] ?? '';
    asked += 1;
    if (asked > mostRequests) throw new TypeError('It never stops asking.');
    return toResponse(input);
  };
  try {
    return await run();
  } finally {
    globalThis.fetch = fetch;
  }
}

/** More than anything has a reason to send for one question: pages of a list, above all. */
const mostRequests = 200;
