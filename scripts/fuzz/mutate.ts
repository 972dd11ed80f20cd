import type { Random } from '../../test/simulation/random.ts';

/** Longer inputs are cut: what they would reach, shorter ones reach sooner. */
const longestInput = 20_000;

type Mutation = (text: string, random: Random, others: Others) => string;
/** What a change takes its parts from. */
export type Others = {
  readonly corpus: readonly string[];
  /** Words that the code itself compares with. */
  readonly words: readonly string[];
};

/** A few changes to a text, one on the other: of its characters, or of a value in a line of it that is JSON. */
export function mutate(text: string, random: Random, others: Others): string {
  let changed = text;
  for (let left = 1 + random.below(4); left > 0; left -= 1) {
    const change = random.below(2) === 0 ? changeJsonLine : random.pick(changes);
    changed = change(changed, random, others);
  }
  return changed.slice(0, longestInput);
}

const letters = Array.from('\n\t "\'\\/%&=,;:.-{}[]0é😀\u2028\uFEFF');
const snippets = ['\r\n', '..', '%00', '%2e', '\uD800', '__proto__', '-1', '1e999', '9'.repeat(20)];
const odd = ['\0', ...letters, ...snippets] as const;
const numbers = [0, -1, 0.5, 1e21, -0, 2 ** 53, 253_402_300_800];
const texts = ['', ' ', '\n', '\0', 'é', '\uD800', '0', '-1', '1e999', 'null', 'x'.repeat(300)];
const structures: readonly unknown[] = [
  null,
  true,
  false,
  [],
  {},
  [null],
  [[]],
  [{}, {}],
  { constructor: 1, toString: 1 },
];
const oddValues: readonly [unknown, ...unknown[]] = [undefined, ...numbers, ...texts, ...structures];

const insertAt = (text: string, at: number, part: string, drop = 0) => text.slice(0, at) + part + text.slice(at + drop);
const pick = (random: Random, values: readonly string[]) => values[random.below(values.length)] ?? '';

const changes: readonly [Mutation, ...Mutation[]] = [
  (text, random) => insertAt(text, random.below(text.length + 1), random.pick(odd)),
  (text, random) => insertAt(text, random.below(text.length + 1), random.pick(odd), 1),
  (text, random) => insertAt(text, random.below(text.length + 1), String.fromCharCode(random.below(256)), 1),
  (text, random) => insertAt(text, random.below(text.length + 1), '', 1 + random.below(8)),
  (text, random) => text.slice(0, random.below(text.length + 1)),
  (text, random, { words }) => insertAt(text, random.below(text.length + 1), pick(random, words)),
  (text, random) => {
    const at = random.below(text.length + 1);
    return insertAt(text, at, text.slice(at, at + 1 + random.below(24)).repeat(1 + random.below(3)));
  },
  (text, random) =>
    insertAt(text, random.below(text.length + 1), random.pick(odd).repeat(random.below(2) * random.below(12_000))),
  (text, random, { corpus }) => {
    const other = pick(random, corpus);
    return text.slice(0, random.below(text.length + 1)) + other.slice(random.below(other.length + 1));
  },
  (text, random) => {
    const lines = text.split('\n');
    const moved = lines[random.below(lines.length)] ?? '';
    lines.splice(random.below(lines.length), random.below(2), moved);
    return lines.join('\n');
  },
  (text, random) => text.replace(/\d+/, () => String(random.pick([0, 1, 59, 60, 1_000, 2 ** 31, 2 ** 53]))),
];

/** Changes one value of one line that is JSON, or of the whole text. */
const changeJsonLine: Mutation = (text, random, others) => {
  const lines = parse(text) === undefined ? text.split('\n') : [text];
  const at = random.below(lines.length);
  const value = parse(lines[at] ?? '');
  if (value === undefined) return random.pick(changes)(text, random, others);
  lines[at] = write(changeValue(value, random, others)) ?? '';
  return lines.join('\n');
};

/** Walks down to one of the values, and changes what is there. */
function changeValue(value: unknown, random: Random, others: Others): unknown {
  if (typeof value === 'object' && value !== null && random.below(4) > 0) return changeMember(value, random, others);
  if (typeof value === 'string' && random.below(2) === 0) return random.pick(changes)(value, random, others);
  if (typeof value === 'number' && random.below(2) === 0) {
    return random.pick([-value, value + 1, value * 1_000, value / 3, String(value)]);
  }
  const wrapped = random.pick([[value], { value }, value]);
  return random.below(3) === 0 ? wrapped : random.pick(oddValues);
}

function changeMember(value: object, random: Random, others: Others): unknown {
  const entries = Object.entries(value);
  const at = random.below(entries.length);
  const [name = '', member] = entries[at] ?? [];
  const replacement: [string, unknown][] = random.pick([
    [[name, changeValue(member, random, others)]],
    [[name, changeValue(member, random, others)]],
    [],
    [
      [name, member],
      [pick(random, others.words), member],
    ],
    [[random.pick([name.toUpperCase(), pick(random, others.words)]), member]],
  ]);
  entries.splice(at, 1, ...replacement);
  return Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
}

/** `undefined` for what nests too deep. */
function write(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
