type Test = (value: string) => boolean;

const int32 = [-(2n ** 31n), 2n ** 31n - 1n] as const;
const int64 = [-(2n ** 63n), 2n ** 63n - 1n] as const;

const isInteger = (value: string, [low, high]: readonly [bigint, bigint]): boolean => {
  if (!/^[+-]?\d{1,40}$/.test(value)) return false;
  const number = BigInt(value.replace(/^\+/, ''));
  return low <= number && number <= high;
};

const matches =
  (pattern: RegExp): Test =>
  (value) =>
    pattern.test(value);

const guidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function unwrap(value: string): string {
  return /^\{.*\}$|^\(.*\)$/.test(value) ? value.slice(1, -1) : value;
}

const plain: Record<string, Test> = {
  alpha: matches(/^[a-z]*$/i),
  bool: matches(/^(true|false)$/i),
  guid: (value) => /^[0-9a-f]{32}$/i.test(value) || guidPattern.test(unwrap(value)),
  int: (value) => isInteger(value, int32),
  long: (value) => isInteger(value, int64),
  required: (value) => value !== '',
};

const integers = (text: string, count: number): bigint[] | undefined => {
  const parts = text.split(',').map((part) => part.trim());
  return parts.length === count && parts.every((part) => isInteger(part, int64)) ? parts.map(BigInt) : undefined;
};

const between = (low: bigint | undefined, high: bigint | undefined): Test => {
  const bounds = [low ?? int64[0], high ?? int64[1]] as const;
  return (value) => isInteger(value, bounds);
};

const longBetween = (low: bigint | undefined, high: bigint | undefined): Test => {
  const [from, to] = [Number(low ?? 0n), Number(high ?? int64[1])];
  return (value) => from <= value.length && value.length <= to;
};

const withArguments: Record<string, (text: string) => Test | undefined> = {
  min: (text) => integers(text, 1) && between(integers(text, 1)?.[0], undefined),
  max: (text) => integers(text, 1) && between(undefined, integers(text, 1)?.[0]),
  range: (text) => integers(text, 2) && between(integers(text, 2)?.[0], integers(text, 2)?.[1]),
  minlength: (text) => integers(text, 1) && longBetween(integers(text, 1)?.[0], undefined),
  maxlength: (text) => integers(text, 1) && longBetween(undefined, integers(text, 1)?.[0]),
  length: (text) => {
    const exact = integers(text, 1)?.[0];
    const [low, high] = exact === undefined ? (integers(text, 2) ?? []) : [exact, exact];
    return low === undefined ? undefined : longBetween(low, high);
  },
  // Not anchored, and without regard to case, as ASP.NET does it.
  regex: (text) => {
    try {
      const pattern = new RegExp(text, 'i');
      return matches(pattern);
    } catch {
      return undefined;
    }
  },
};

/**
 * Reads one inline constraint of a route template, `int` or `length(2,8)`; `undefined` where it is unknown or malformed.
 *
 * @see https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-constraints
 */
export function parseConstraint(text: string): Test | undefined {
  const [, name = '', argument] = /^(\w+)(?:\((.*)\))?$/s.exec(text) ?? [];
  const key = name.toLowerCase();
  if (argument === undefined) return Object.hasOwn(plain, key) ? plain[key] : undefined;
  return Object.hasOwn(withArguments, key) ? withArguments[key]?.(argument) : undefined;
}
