import { parseConstraint } from './constraints.ts';
import { StartError } from './start-error.ts';

export type Segment =
  | { kind: 'literal'; text: string }
  | {
      kind: 'parameter';
      name: string;
      optional: boolean;
      catchAll: boolean;
      constraints: string[];
      tests: ((value: string) => boolean)[];
    };

/** Splits at `/`, but not inside of braces, where a pattern may hold one. */
function splitTemplate(template: string): string[] {
  return template.match(/(?:\{(?:[^{}]|\{\{|\}\})*\}|[^/])+/g) ?? [];
}

const parameterPattern = /^\{(\*{0,2})([^{}*?:=/]+)((?::.*?)?)(\?)?\}$/s;

/** `:int:min(1)` → `int`, `min(1)`; a constraint ends at a `)` that `:` or the end follows. */
function splitConstraints(text: string): string[] | undefined {
  const found = [...text.matchAll(/:(\w+(?:\(.*?\)(?=:|$))?)/gs)].map(([, one = '']) => one);
  return found.reduce((length, one) => length + 1 + one.length, 0) === text.length ? found : undefined;
}

function parseSegment(text: string, refuse: (why: string) => never): Segment {
  if (!/[{}]/.test(text))
    return /[?*]/.test(text) ? refuse(`"${text}" holds "?" or "*"`) : { kind: 'literal', text: text.toLowerCase() };
  const [whole, stars = '', name = '', constraintText = '', mark] = parameterPattern.exec(text) ?? [];
  if (whole === undefined)
    return refuse(`"${text}" is not one literal and not one parameter, and this host reads nothing else`);
  // In a template, a brace that belongs to a pattern is written twice.
  const constraints = splitConstraints(constraintText.replaceAll('{{', '{').replaceAll('}}', '}'));
  if (!constraints) return refuse(`the constraints of "${text}" cannot be read`);
  const tests = constraints.map(
    (one) => parseConstraint(one) ?? refuse(`"${one}" is not a constraint that this host knows`),
  );
  return { kind: 'parameter', name, optional: mark !== undefined, catchAll: stars !== '', constraints, tests };
}

function checkOrder(segments: Segment[], refuse: (why: string) => never): void {
  const names = new Set<string>();
  segments.forEach((segment, index) => {
    if (segment.kind === 'literal') {
      if (segments.slice(0, index).some((earlier) => earlier.kind === 'parameter' && earlier.optional))
        refuse('an optional parameter must be the last segment');
      return;
    }
    if (names.has(segment.name.toLowerCase())) refuse(`the parameter "${segment.name}" is in it twice`);
    names.add(segment.name.toLowerCase());
    if ((segment.catchAll || segment.optional) && index < segments.length - 1)
      refuse(`"${segment.name}" must be the last segment`);
  });
}

/**
 * Reads a route template, `v1/headers/{api}`, with its prefix already in front. Throws a StartError that names `functionName`.
 *
 * @see https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-templates
 */
export function parseTemplate(template: string, functionName: string): Segment[] {
  const refuse = (why: string): never => {
    throw new StartError(`The route "${template}" of the function "${functionName}" cannot be served: ${why}.`);
  };
  const trimmed = template.replace(/^\/|\/$/g, '');
  if (/^\/|\/\/|\/$/.test(trimmed)) refuse('it has an empty segment');
  const segments = splitTemplate(trimmed).map((text) => parseSegment(text, refuse));
  checkOrder(segments, refuse);
  return segments;
}
