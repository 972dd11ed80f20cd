/** What a KQL query of an alert or of the workbook names. */
export type Named = {
  /** Tables of the workspace. */
  readonly tables: readonly string[];
  /** Values of `event` of a log line. */
  readonly events: readonly string[];
  /** Values of `alert` of a log line. */
  readonly rotationAlerts: readonly string[];
  /** Fields of a log line, but for `event`. */
  readonly fields: readonly string[];
  readonly metrics: readonly string[];
  /** Attributes of a metric. */
  readonly attributes: readonly string[];
  /** What it asks a table for, or what it has named itself, as opposed to the language's own words. */
  readonly names: readonly string[];
  /** `event` and `alert` where they are compared in a way that does not name a word whole: by a part of it, or whatever its case. */
  readonly loose: readonly string[];
  /** Columns that it ends with, which an alert may be split by. */
  readonly columns: readonly string[];
};

const comment = /^\s*\/\/.*$/gm;
const ofTheLanguage = new Set(['and', 'asc', 'between', 'by', 'contains', 'desc', 'has', 'in', 'not', 'or', 'union']);
const fieldsRead = /\bline\.(\w+)/g;

/** Reads a query as they are written here: `line` is a parsed log line, and what is compared is a literal. */
export function readQuery(query: string): Named {
  const text = query.replaceAll(comment, '');
  return {
    tables: all(text, /\b(App[A-Z]\w+)\b/g),
    events: valuesOf(text, String.raw`tostring\(line\.event\)`),
    rotationAlerts: valuesOf(text, String.raw`tostring\(line\.alert\)`),
    fields: all(text, fieldsRead).filter((field) => field !== 'event'),
    metrics: valuesOf(text, String.raw`\bName`).filter((name) => name.includes('.')),
    attributes: all(text, /Properties\['([^']+)'\]/g),
    names: namesIn(text),
    loose: all(text, /tostring\(line\.(event|alert)\) +(?!== |in \()[^\s,|]/g),
    columns: all(text.slice(text.lastIndexOf('| project')), /(?:project |, )(\w+)/g),
  };
}

/** Without texts, members of a line, functions that are called, operators that stand after a pipe, and what the query names itself. */
function namesIn(query: string): string[] {
  const text = query.replaceAll(/'[^']*'/g, '').replaceAll(/\bline\.\w+/g, '');
  const own = new Set(all(text, /\b(\w+) = /g));
  return all(text, /(?<!\|\s*)\b([A-Za-z]\w*)\b(?!\s*\()/g).filter(
    (name) => !own.has(name) && !ofTheLanguage.has(name),
  );
}

/** What is compared with `==` or looked for with `in (…)`. */
function valuesOf(text: string, what: string): string[] {
  const single = all(text, new RegExp(`${what} == '([^']+)'`, 'g'));
  const lists = all(text, new RegExp(`${what} in \\(([^)]+)\\)`, 'g'));
  return unique([...single, ...lists.flatMap((list) => all(list, /'([^']+)'/g))]);
}

function all(text: string, pattern: RegExp): string[] {
  return unique(Array.from(text.matchAll(pattern), ([, found = '']) => found));
}

function unique(words: readonly string[]): string[] {
  return Array.from(new Set(words));
}
