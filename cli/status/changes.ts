import type { StatusAnswer } from '../../shared/http/contract/status.ts';
import { findingsOf } from './findings.ts';
import { verdictOf } from './verdict.ts';

/** What has changed from one status to the next, in lines; for the first, how things stand. */
export function changesBetween(before: StatusAnswer | undefined, after: StatusAnswer): string[] {
  const found = identified(after);
  if (!before) return [verdictOf(findingsOf(after)).text, ...found.values()];
  const known = identified(before);
  return [
    ...moved(before, after),
    ...[...found].flatMap(([identity, text]) => (known.has(identity) ? [] : [text])),
    ...[...known].flatMap(([identity, text]) => (found.has(identity) ? [] : [`over     ${text}`])),
  ];
}

function identified(status: StatusAnswer): ReadonlyMap<string, string> {
  return new Map(
    findingsOf(status).map(({ grade, subject, kind, text }) => [
      JSON.stringify([grade, subject, kind]),
      `${grade.padEnd(7)}  ${subject}: ${text}`,
    ]),
  );
}

function moved(before: StatusAnswer, after: StatusAnswer): string[] {
  const standings = new Map(before.subscriptions.map((subscription) => [subscription.name, standingOf(subscription)]));
  return after.subscriptions.flatMap((subscription) => {
    const [was, is] = [standings.get(subscription.name), standingOf(subscription)];
    return was === is ? [] : [`moved    ${subscription.name}: ${was ?? 'not there'} -> ${is}`];
  });
}

function standingOf({ rotation }: StatusAnswer['subscriptions'][number]): string {
  return rotation
    ? `${rotation.state}, generation ${rotation.generation}, ${rotation.activeSlot} active`
    : 'no rotation';
}
