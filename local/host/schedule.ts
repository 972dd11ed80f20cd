import { Cron } from 'croner';

/** When a timer is due, in milliseconds since the epoch. */
export type Schedule = {
  /** The first occurrence after `at`; `Infinity` where there is none. */
  next(at: number): number;
};

type Field = { name: string; low: number; high: number; names?: string[] };

const days = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const months = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

const fields: Field[] = [
  { name: 'second', low: 0, high: 59 },
  { name: 'minute', low: 0, high: 59 },
  { name: 'hour', low: 0, high: 23 },
  { name: 'day', low: 1, high: 31 },
  { name: 'month', low: 1, high: 12, names: months },
  { name: 'day of the week', low: 0, high: 6, names: days },
];

const itemPattern = /^(?:\*|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/;

function readValue(text: string, { low, high, names = [] }: Field): number | undefined {
  const named = text.length >= 3 ? names.findIndex((name) => name.startsWith(text.toLowerCase())) : -1;
  const value = named >= 0 ? named + low : /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return low <= value && value <= high ? value : undefined;
}

/** The values that one item, `5`, `1-5`, `*` + `/15` or `3/10`, stands for. */
function readItem(item: string, field: Field): number[] | undefined {
  const [whole, first, last, stepText] = itemPattern.exec(item) ?? [];
  if (whole === undefined) return undefined;
  const from = first === undefined ? field.low : readValue(first, field);
  const open = first === undefined || (last === undefined && stepText !== undefined);
  const to = open ? field.high : last === undefined ? from : readValue(last, field);
  const step = Number(stepText ?? 1);
  if (from === undefined || to === undefined || to < from || step < 1) return undefined;
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
}

function readField(text: string, field: Field): string {
  if (text === '*') return text;
  const values = text.split(',').map((item) => readItem(item, field));
  if (values.includes(undefined)) throw new Error(`"${text}" is no ${field.name} (${field.low} to ${field.high})`);
  return [...new Set(values.flat())].join(',');
}

/**
 * Reads an NCRONTAB expression of six fields, or of five, without seconds; in UTC. A day must fit both the day and the day of the week, as in
 * NCrontab and other than in cron. Throws an Error that says what is wrong with it.
 *
 * @see https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions
 */
export function parseSchedule(expression: string): Schedule {
  const given = expression.trim().split(/\s+/);
  if (given.length !== 5 && given.length !== 6)
    throw new Error(
      `it has ${given.length} fields, not the six {second} {minute} {hour} {day} {month} {day of the week}`,
    );
  const texts = given.length === 5 ? ['0', ...given] : given;
  const pattern = fields.map((field, index) => readField(texts[index] ?? '', field)).join(' ');
  const cron = new Cron(pattern, { timezone: 'UTC', mode: '6-part', domAndDow: true, paused: true });
  const schedule: Schedule = { next: (at) => cron.nextRun(new Date(at))?.getTime() ?? Number.POSITIVE_INFINITY };
  if (schedule.next(0) === Number.POSITIVE_INFINITY) throw new Error('there is no such day');
  return schedule;
}
