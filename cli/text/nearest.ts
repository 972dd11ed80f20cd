/** The name that a word was probably meant to be: at most two letters away. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const ranked = names
    .map((name) => ({ name, distance: distance(word, name) }))
    .toSorted((one, other) => one.distance - other.distance);
  return ranked.find(({ distance: away }) => away <= 2)?.name;
}

/** Levenshtein's: letters to add, leave out or replace. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (const [line, letter] of Array.from(one).entries()) {
    const next = [line + 1];
    for (const [at, opposite] of Array.from(other).entries()) {
      const [added, left, replaced] = [next[at] ?? 0, row[at + 1] ?? 0, row[at] ?? 0];
      next.push(Math.min(added + 1, left + 1, replaced + (letter === opposite ? 0 : 1)));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
