import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { isatty } from 'node:tty';
import { systemClock, type Clock } from '../shared/clock.ts';
import { interrupted as interruptedCode, type ExitCode } from './failure.ts';
import type { Outside, Output } from './outside.ts';

/** The machine's clock. Unlike the broker's it keeps the process alive: whoever waits here has nothing else that would. */
const waitingClock: Clock = {
  ...systemClock,
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** npm passes a signal on that the terminal has already sent to everyone: what comes this soon after the first is the same one. */
const echoMs = 500;

/** The process as the command line sees it. Nothing else in `cli` touches it. */
export function openProcess(): { args: readonly string[]; outside: Outside } {
  const { stdout, stderr, env } = process;
  const interrupted = interruptedBySignals();
  return {
    args: process.argv.slice(2),
    outside: {
      environment: env,
      clock: waitingClock,
      out: toOutput(stdout),
      err: toOutput(stderr),
      canAsk: isatty(0) && isatty(2),
      ask: (question) => ask(question, interrupted),
      readInput: () => text(process.stdin),
      interrupted,
      readerGone: goneWith(stdout),
      setEnvironment: (values) => void Object.assign(env, values),
    },
  };
}

/** Ends the process once all that was printed is out; a connection that is kept for another request does not hold it up. */
export async function endWith(code: ExitCode): Promise<never> {
  process.exitCode = code;
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableLength > 0 && !stream.destroyed)
      await Promise.race([once(stream, 'drain'), once(stream, 'close')]);
  }
  return process.exit();
}

function toOutput(stream: NodeJS.WriteStream & { fd: number }): Output {
  return {
    write: (line) => void stream.write(line),
    isTerminal: isatty(stream.fd),
    size: () => (stream.isTTY && stream.columns > 0 ? { columns: stream.columns, rows: stream.rows } : undefined),
  };
}

function interruptedBySignals(): AbortSignal {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const onSignal = (): void => {
    if (firstAt !== undefined && waitingClock.monotonic() - firstAt > echoMs) process.exit(interruptedCode);
    firstAt ??= waitingClock.monotonic();
    controller.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  return controller.signal;
}

/** A reader that leaves, such as `head`, is no failure of ours. */
function goneWith(stream: NodeJS.WriteStream): AbortSignal {
  const controller = new AbortController();
  stream.on('error', () => controller.abort());
  process.stderr.on('error', () => {});
  return controller.signal;
}

/** On stderr: stdout is for what was asked for. */
async function ask(question: string, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // Without this, Ctrl-C at the question would end the interface and nothing else.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return await Promise.race([lines.question(question, { signal }), once(lines, 'close').then(() => '')]);
  } finally {
    lines.close();
  }
}
