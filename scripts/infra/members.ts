/** An object of JSON. */
export type Members = { [name: string]: unknown };

export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands at a path, such as `siteConfig.minTlsVersion`; `undefined` where the path leads nowhere. */
export function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((found, name) => (isMembers(found) ? found[name] : undefined), value);
}

export function textAt(value: unknown, path: string): string {
  const found = at(value, path);
  return typeof found === 'string' ? found : '';
}

export function listAt(value: unknown, path: string): readonly unknown[] {
  const found = at(value, path);
  return Array.isArray(found) ? found : [];
}

/** Every text in a value, with its path. */
export function* textsIn(value: unknown, path = ''): Generator<{ readonly path: string; readonly text: string }> {
  if (typeof value === 'string') yield { path, text: value };
  if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* textsIn(item, `${path}[${index}]`);
  else if (isMembers(value)) {
    for (const [name, member] of Object.entries(value)) yield* textsIn(member, path === '' ? name : `${path}.${name}`);
  }
}
