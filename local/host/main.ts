import { describeError, createLog } from './log.ts';
import { startHost, type Host } from './host.ts';
import { help, readOptions, type HostOptions } from './options.ts';
import { StartError } from './start-error.ts';

// Asynchronous where it is not a pipe or a file, but never lost: process.exit waits for neither, and Linux writes both at once.
const writeLine = (line: string): unknown => process.stderr.write(line);

function failStart(error: unknown): never {
  const text = error instanceof StartError ? error.message : describeError(error);
  writeLine(`Cannot start the Functions host. ${text}\n`);
  process.exit(1);
}

/** Microsoft's worker ends, too, on what nobody catches, a rejection included. */
function endOnUncaught(): void {
  process.on('uncaughtException', (error, origin) => {
    createLog(false, writeLine)('critical', 'system', 'host', `${origin}: ${describeError(error)}`);
    process.exit(1);
  });
}

/** Resolves when the host is asked to end, by a signal or by the end of the process that started it. */
function waitForEnd(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve());
    if (process.channel) process.on('disconnect', () => resolve());
  });
}

function announce({ url }: Host): void {
  if (process.send) process.send({ ready: true, url });
  else writeLine(`${url}\n`);
}

async function serve(options: HostOptions): Promise<void> {
  const end = waitForEnd();
  const start = startHost(options, createLog(options.verbose, writeLine));
  const first = await Promise.race([start, end]);
  // Asked to end before it was ready: there is nothing to wait for.
  if (!first) process.exit(0);
  announce(first);
  await end;
  await first.stop();
  process.exit(0);
}

function readOwnOptions(): HostOptions {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    return failStart(error);
  }
}

const options = readOwnOptions();
if (options.help) process.stdout.write(help);
else {
  endOnUncaught();
  serve(options).catch(failStart);
}
