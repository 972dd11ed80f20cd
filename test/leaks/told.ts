import { inspect } from 'node:util';

/** All that can be said of a value: what a crash prints, and every property of it and of its causes, hidden ones too. */
export function tellAll(value: unknown): string {
  const texts = [inspect(value, { depth: null, showHidden: true, maxArrayLength: null, maxStringLength: null })];
  const seen = new Set<unknown>();
  const walk = (each: unknown): void => {
    if (typeof each === 'string') texts.push(each);
    if (each instanceof Uint8Array) texts.push(Buffer.from(each).toString('latin1'));
    if (typeof each !== 'object' || each === null || seen.has(each)) return;
    seen.add(each);
    for (const key of Reflect.ownKeys(each)) walk(read(each, key));
    if (each instanceof Map || each instanceof Set) for (const item of each) walk(item);
  };
  walk(value);
  return texts.join('\n');
}

function read(object: object, key: string | symbol): unknown {
  try {
    return Reflect.get(object, key);
  } catch {
    return undefined;
  }
}
