/** More than any answer that the broker reads has. */
const longestAnswer = 1_048_576;

/** Reads a body up to 1 MiB, or another length in bytes, so that an upstream gone wrong cannot fill the memory. @throws {RangeError} beyond it. */
export async function readText(response: Response, longest = longestAnswer): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > longest) throw new RangeError('The answer is too long.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
