import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { types } from 'node:util';
import { describeError } from './log.ts';
import { StartError } from './start-error.ts';

/** What Azure keeps of a timer in a blob: ISO times. `last` is the year 1 before the first run. */
export type ScheduleStatus = { last: string; next: string; lastUpdated: string };

/** Remembers the timers' status from one start of the host to the next. */
export type TimerState = {
  read(name: string): ScheduleStatus | undefined;
  write(name: string, status: ScheduleStatus): void;
};

function isTime(value: object, member: string): boolean {
  const time: unknown = Reflect.get(value, member);
  return typeof time === 'string' && !Number.isNaN(Date.parse(time));
}

function isStatus(value: unknown): value is ScheduleStatus {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['last', 'next', 'lastUpdated'].every((member) => isTime(value, member))
  );
}

function parse(text: string, file: string): Map<string, ScheduleStatus> {
  const refuse = (cause?: unknown): never => {
    throw new StartError(
      `--state names ${file}, and that is not a file that this host wrote. Delete it or name another.`,
      { cause },
    );
  };
  try {
    const statuses = new Map<string, ScheduleStatus>();
    for (const [name, status] of Object.entries<unknown>(JSON.parse(text)))
      statuses.set(name, isStatus(status) ? status : refuse());
    return statuses;
  } catch (error) {
    return refuse(error);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (types.isNativeError(error) && 'code' in error && error.code === 'ENOENT') return '{}';
    throw new StartError(`--state names ${file}, and it cannot be read.`, { cause: error });
  }
}

// A host that is killed while it writes must not leave half a file.
function replaceFile(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

/** In a JSON file, or, without one, in memory: then no timer is ever past due at start. */
export function openTimerState(file: string | undefined, report: (message: string) => void): TimerState {
  const statuses = file === undefined ? new Map<string, ScheduleStatus>() : parse(readText(file), file);
  return {
    read: (name) => statuses.get(name),
    write: (name, status) => {
      statuses.set(name, status);
      if (file === undefined) return;
      try {
        replaceFile(file, `${JSON.stringify(Object.fromEntries(statuses), undefined, 2)}\n`);
      } catch (error) {
        report(`the timers' state cannot be written: ${describeError(error)}`);
      }
    },
  };
}
