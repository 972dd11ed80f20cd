/** Who this process is to the operating system; `undefined` on Windows. */
export function readUserId(): number | undefined {
  return process.getuid?.();
}
