/**
 * Reads a command's own arguments. `--help` prints the usage and exits 0; what the command does not know exits 2 with a sentence on stderr.
 */
export function readArguments<T extends { values: { help?: boolean } }>(parse: () => T, usage: string): T {
  try {
    const parsed = parse();
    if (parsed.values.help !== true) return parsed;
  } catch (error) {
    // What follows the first sentence is advice for commands that take more than options.
    return refuseArguments(
      (error instanceof Error ? error.message : String(error)).replace(/\. To specify a.*$/s, '.'),
    );
  }
  process.stdout.write(usage);
  return process.exit(0);
}

/** Ends the command: it was called in a way that it does not know. */
export function refuseArguments(reason: string): never {
  process.stderr.write(`${reason} See --help.\n`);
  return process.exit(2);
}

/** A whole number above 0, from what was written of the option of that name; ends the command for anything else. */
export function readCount(name: string, text: string): number {
  const count = Number(text);
  return Number.isInteger(count) && count > 0 ? count : refuseArguments(`--${name} takes a whole number above 0.`);
}

/** A port number, from what was written; ends the command for anything else. */
export function readPort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port <= 65_535 ? port : refuseArguments('--port takes a number from 0 to 65535.');
}
