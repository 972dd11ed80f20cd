/** A member of what may be an object; `undefined` where it is none, or has no such member of its own. */
export function memberOf(value: unknown, member: PropertyKey): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, member)
    ? Reflect.get(value, member)
    : undefined;
}
