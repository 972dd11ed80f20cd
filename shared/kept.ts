import { isDeepStrictEqual } from 'node:util';

/** Gives what it gave before while the description is the same, member by member; else what `make` makes. */
export type Keep<T> = (description: unknown, make: () => T) => T;

/**
 * Carries one thing over from a configuration to the next: a cache stays the same object, with all that is in it, until it is described
 * otherwise. Then it is let go; whoever still has it uses it up.
 */
export function createKept<T>(): Keep<T> {
  let kept: { readonly description: unknown; readonly thing: T } | undefined;
  return (description, make) => {
    if (!kept || !isDeepStrictEqual(kept.description, description)) kept = { description, thing: make() };
    return kept.thing;
  };
}

/** Takes the descriptions of all that there is to be, by name. */
export type KeepByName<Name extends string, T> = <Description>(
  wanted: ReadonlyMap<Name, Description>,
  make: (name: Name, description: Description) => T,
) => ReadonlyMap<Name, T>;

/**
 * Carries things with names over from a configuration to the next: what has the name and the description that it had stays the same object,
 * and what is not named any more is let go.
 */
export function createKeptByName<Name extends string, T>(): KeepByName<Name, T> {
  let kept: ReadonlyMap<Name, Keep<T>> = new Map();
  return (wanted, make) => {
    const entries = Array.from(wanted, ([name, description]) => {
      const keep = kept.get(name) ?? createKept<T>();
      return { name, keep, thing: keep(description, () => make(name, description)) };
    });
    kept = new Map(entries.map(({ name, keep }) => [name, keep]));
    return new Map(entries.map(({ name, thing }) => [name, thing]));
  };
}
