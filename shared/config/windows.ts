/** When a cycle may start, by the clock on the wall of a time zone: certain days, from a time to another, which may be past midnight. */
export type Window = {
  /** 0 is Sunday. The day on which the window opens. */
  readonly days: ReadonlySet<number>;
  /** Minutes since midnight. */
  readonly from: number;
  readonly to: number;
  /** IANA name. */
  readonly timeZone: string;
};

const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const pattern =
  /^(?<days>[A-Z][a-z]{2}(?:-[A-Z][a-z]{2})?(?:,[A-Z][a-z]{2}(?:-[A-Z][a-z]{2})?)*) (?<from>\d\d:\d\d)-(?<to>\d\d:\d\d) (?<zone>\S+)$/;
const minutesOfDay = 1_440;

/** Reads `Mon-Fri 02:00-05:00 Europe/Stockholm` or `Sat,Sun 22:00-04:00 UTC`; `undefined` for anything else. */
export function parseWindow(text: string): Window | undefined {
  const { days, from, to, zone } = pattern.exec(text)?.groups ?? {};
  if (!days || !from || !to || !zone || !isTimeZone(zone)) return undefined;
  const ranges = days.split(',').map(parseDays);
  const [start, end] = [parseTime(from), parseTime(to)];
  if (ranges.includes(undefined) || start === undefined || end === undefined || start === end) return undefined;
  return { days: new Set(ranges.flatMap((range) => range ?? [])), from: start, to: end, timeZone: zone };
}

/** Whether a moment, in milliseconds since the epoch, lies in a window. Its end is not part of it. */
export function isWithin({ days, from, to, timeZone }: Window, wallMs: number): boolean {
  const { day, minute } = toLocal(wallMs, timeZone);
  if (from < to) return days.has(day) && minute >= from && minute < to;
  return (days.has(day) && minute >= from) || (days.has((day + 6) % 7) && minute < to);
}

function parseDays(range: string): number[] | undefined {
  const [first = '', last = first] = range.split('-');
  const [start, end] = [dayNames.indexOf(first), dayNames.indexOf(last)];
  if (start < 0 || end < 0) return undefined;
  return Array.from({ length: ((end - start + 7) % 7) + 1 }, (_, index) => (start + index) % 7);
}

function parseTime(text: string): number | undefined {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  const minute = hours * 60 + minutes;
  return minutes < 60 && minute < minutesOfDay ? minute : undefined;
}

function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

const [minuteMs, dayMs, minutesOfWeek] = [60_000, 86_400_000, 7 * minutesOfDay];

function toLocal(wallMs: number, timeZone: string): { day: number; minute: number } {
  const minuteOfWeek = (toMinuteOfWeek(wallMs) + offsetAt(wallMs, timeZone)) % minutesOfWeek;
  return { day: Math.floor(minuteOfWeek / minutesOfDay), minute: minuteOfWeek % minutesOfDay };
}

/** In UTC; the week begins with Sunday. 1970 began with a Thursday. */
function toMinuteOfWeek(wallMs: number): number {
  return (Math.floor(wallMs / minuteMs) + 4 * minutesOfDay) % minutesOfWeek;
}

type Zone = {
  readonly format: Intl.DateTimeFormat;
  /** By how much it is ahead of UTC, in minutes; by the day of UTC, for each that is all of one offset. */
  readonly offsets: Map<number, number>;
};

/** One for each time zone that a configuration names. */
const zones = new Map<string, Zone>();
/** Of a zone: a year and more, since a cycle may be due in a year. */
const mostOffsets = 400;

/**
 * In minutes of the week, from 0. To ask what time it is somewhere takes a hundred times what reckoning does, and a plan asks a thousand times, of
 * everybody on the instance: so it is asked once for each day, and on a day on which the clocks are changed each time.
 */
function offsetAt(wallMs: number, timeZone: string): number {
  const { format, offsets } = zoneOf(timeZone);
  const day = Math.floor(wallMs / dayMs);
  const known = offsets.get(day);
  if (known !== undefined) return known;
  const [first, last] = [measureOffset(day * dayMs, format), measureOffset((day + 1) * dayMs, format)];
  if (first !== last) return measureOffset(wallMs, format);
  if (offsets.size >= mostOffsets) offsets.clear();
  offsets.set(day, first);
  return first;
}

function zoneOf(timeZone: string): Zone {
  const options = { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const zone = zones.get(timeZone) ?? { format: new Intl.DateTimeFormat('en-US', options), offsets: new Map() };
  zones.set(timeZone, zone);
  return zone;
}

function measureOffset(wallMs: number, format: Intl.DateTimeFormat): number {
  const parts = format.formatToParts(wallMs);
  const read = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
  const day = dayNames.indexOf(read('weekday'));
  const local = day * minutesOfDay + Number(read('hour')) * 60 + Number(read('minute'));
  return (local - toMinuteOfWeek(wallMs) + minutesOfWeek) % minutesOfWeek;
}
