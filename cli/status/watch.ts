import type { StatusAnswer } from '../../shared/http/contract/status.ts';
import { pause } from '../connection/within.ts';
import { Failure, type ExitCode } from '../failure.ts';
import type { Outside } from '../outside.ts';
import { toTimestamp } from '../../shared/names.ts';
import { absolute, lasting } from '../text/moments.ts';
import { allPrintable, toJsonLine } from '../text/printable.ts';
import { changesBetween } from './changes.ts';

/** What `watch` takes: how to ask for a status, and how to draw one. */
export type Watched = {
  readonly ask: () => Promise<StatusAnswer>;
  readonly draw: (status: StatusAnswer) => readonly string[];
  /** A line of JSON for each status. */
  readonly asJson: boolean;
};

/** Where what is watched is shown. */
type Screen = { show(status: StatusAnswer): void; stale(why: Failure, since: number): void };

const everyMs = 2_000;

/**
 * Shows the status until it is interrupted, or nobody reads it any more. An answer that fails to come is told, and ends nothing.
 *
 * @throws {Failure} where the first fails: then something is wrong with the command.
 */
export async function watch(watched: Watched, outside: Outside): Promise<ExitCode> {
  const screen = openScreen(watched, outside);
  const ended = AbortSignal.any([outside.interrupted, outside.readerGone]);
  let seenOn: number | undefined;
  while (!ended.aborted) {
    try {
      screen.show(await watched.ask());
      seenOn = outside.clock.wall();
    } catch (error) {
      if (ended.aborted) break;
      if (!(error instanceof Failure) || seenOn === undefined) throw error;
      screen.stale(error, seenOn);
    }
    await pause(outside.clock, everyMs, ended);
  }
  return 0;
}

function openScreen({ draw, asJson }: Watched, outside: Outside): Screen {
  if (asJson) return toJsonLines(outside);
  return outside.out.isTerminal ? toTerminal(draw, outside) : toChanges(outside);
}

function toJsonLines({ out, err }: Outside): Screen {
  return {
    show: (status) => out.write(toJsonLine(status)),
    stale: ({ message }) => err.write(toJsonLine({ error: message })),
  };
}

/** From the top of the terminal, over what stood there; nothing of it is cleared before, so that nothing flickers. */
function toTerminal(draw: Watched['draw'], { out, clock }: Outside): Screen {
  const [home, clearLine, clearBelow] = ['\x1b[H', '\x1b[K', '\x1b[J'];
  let isFirst = true;
  let drawn: readonly string[] = [];
  const write = (all: readonly string[]) => {
    // What does not fit would push the top, which says whether all is well, off the screen.
    const fitting = (out.size()?.rows ?? Infinity) - 2;
    const lines = all.length <= fitting ? all : [...all.slice(0, fitting), `… ${all.length - fitting} more lines`];
    const start = isFirst ? '\x1b[2J' : '';
    isFirst = false;
    out.write(`${start}${home}${lines.map((line) => `${line}${clearLine}\n`).join('')}${clearBelow}`);
  };
  return {
    show: (status) => write((drawn = draw(status))),
    stale: ({ message }, since) =>
      write([`No answer for ${lasting(clock.wall() - since)}; what follows is as of then. ${message}`, '', ...drawn]),
  };
}

/** A line for each change, with its moment. */
function toChanges({ out, clock }: Outside): Screen {
  let before: StatusAnswer | undefined;
  let isStale = false;
  const say = (moment: string, line: string) => out.write(`${absolute(moment)}  ${line}\n`);
  return {
    show: (status) => {
      const after = allPrintable(status);
      if (isStale) say(after.generatedOn, 'answers again');
      isStale = false;
      for (const line of changesBetween(before, after)) say(after.generatedOn, line);
      before = after;
    },
    stale: ({ message }) => {
      if (!isStale) say(toTimestamp(clock.wall()), `no answer: ${message}`);
      isStale = true;
    },
  };
}
