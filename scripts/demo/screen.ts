import type { WriteStream } from 'node:tty';
import type { Clock } from '../../shared/clock.ts';

/** Lines for a person, each with the seconds since the start, and below them one that is written over and over. */
export type Screen = { say(line: string): void; close(): void };

/** How often the figures are shown: on a terminal, and where each is a line of its own. */
const [terminalMs, plainMs] = [250, 10_000];

export function openScreen(clock: Clock, stream: WriteStream | NodeJS.WriteStream, figures: () => string): Screen {
  const startedAt = clock.monotonic();
  const isTerminal = stream.isTTY;
  let cancel = (): void => {};
  const stamp = (text: string): string =>
    `${((clock.monotonic() - startedAt) / 1_000).toFixed(1).padStart(6)} s  ${text}`;
  const wipe = isTerminal ? '\r\x1b[K' : '';
  const say = (line: string): void => void stream.write(`${wipe}${stamp(line)}\n`);
  const refresh = (): void => {
    if (isTerminal) stream.write(`${wipe}${stamp(figures())}`);
    else say(figures());
  };
  const arm = (): void => {
    cancel = clock.after(isTerminal ? terminalMs : plainMs, () => {
      refresh();
      arm();
    });
  };
  arm();
  return {
    say,
    close: () => {
      cancel();
      stream.write(wipe);
    },
  };
}
