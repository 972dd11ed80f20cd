import type { StatusAnswer } from '../../shared/http/contract/status.ts';
import type { Paint } from '../text/colours.ts';
import { absolute, lasting, relative } from '../text/moments.ts';
import { table, wrap } from '../text/table.ts';
import { nextOf } from '../rotation/next.ts';
import { findingsOf, type Finding } from './findings.ts';
import { verdictOf } from './verdict.ts';

type Seen = { readonly status: StatusAnswer; readonly now: number; readonly paint: Paint };

/** A status for a person, in lines: first whether all is well and what is not, then how everything stands. */
export function statusLines(status: StatusAnswer, paint: Paint, width: number): string[] {
  const seen = { status, now: Date.parse(status.generatedOn), paint };
  const findings = findingsOf(status);
  const { tone, text } = verdictOf(findings);
  return [
    paint(tone, text),
    ...findingLines(findings, paint, width),
    ...status.configuration.problems.map((problem) => `  ${problem}`),
    '',
    ...subscriptionLines(seen),
    ...clientLines(seen),
    ...callerLines(seen),
    ...figureLines(seen),
    instanceLine(seen),
  ];
}

function findingLines(findings: readonly Finding[], paint: Paint, width: number): string[] {
  const subjectWidth = Math.max(0, ...findings.map(({ subject }) => subject.length));
  const indent = 2 + 7 + 2 + subjectWidth + 2;
  return findings.flatMap(({ grade, subject, text }) => {
    const [first = '', ...more] = wrap(text, Math.max(30, width - indent));
    const head = `  ${paint(grade, grade.padEnd(7))}  ${subject.padEnd(subjectWidth)}  ${first}`;
    return [head, ...more.map((line) => ' '.repeat(indent) + line)];
  });
}

function subscriptionLines({ status, now }: Seen): string[] {
  const rows = status.subscriptions.map(({ name, key, rotation, rotationProblem }) => [
    name,
    rotation?.state ?? (rotationProblem === null ? 'not rotated' : 'unknown'),
    rotation?.generation ?? key.generation ?? '-',
    rotation?.activeSlot ?? key.slot ?? '-',
    rotation ? nextOf(rotation, now) : '-',
    key.usableUntil === null ? 'none at hand' : `until ${relative(key.usableUntil, now)}`.replace('until in ', 'for '),
  ]);
  return section(['subscription', 'state', 'generation', 'active', 'next', 'key'], rows);
}

function clientLines({ status, now }: Seen): string[] {
  const rows = status.clients.flatMap(({ name, secret, tokens }) =>
    tokens.map(({ scope, refreshOn, usableUntil }, at) => [
      at === 0 ? name : '',
      at > 0 ? '' : secret.expiresOn === null ? 'no expiry known' : `expires ${relative(secret.expiresOn, now)}`,
      scope,
      refreshOn === null ? '-' : relative(refreshOn, now),
      usableUntil === null ? 'none at hand' : `ends ${relative(usableUntil, now)}`.replace('ends in ', 'for '),
    ]),
  );
  return section(['client', 'secret', 'scope', 'refresh', 'token'], rows);
}

function callerLines({ status, now }: Seen): string[] {
  const rows = status.callers.map(({ name, handOuts, lastOn }) => [
    name,
    handOuts.allowed,
    handOuts.refused,
    handOuts.failed,
    lastOn === null ? 'never' : relative(lastOn, now),
  ]);
  return section(['caller', 'allowed', 'refused', 'failed', 'last asked'], rows);
}

function section(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  return rows.length === 0 ? [] : [...table(headings, rows), ''];
}

function figureLines({ status: { figures }, paint }: Seen): string[] {
  const { intervalSeconds, handOuts, refusals, cacheHits, cacheMisses, upstreamFailures } = figures;
  const span = lasting(handOuts.length * intervalSeconds * 1_000);
  const [hits, misses] = [sum(cacheHits), sum(cacheMisses)];
  const share = hits + misses === 0 ? '' : `, ${Math.floor((100 * hits) / (hits + misses))} % from the cache`;
  const text = `${sum(handOuts)} handed out in the last ${span}, ${sum(refusals)} refused or failed${share}, ${sum(upstreamFailures)} loads failed`;
  return [paint('faint', `  ${text}`)];
}

function instanceLine({ status: { instance, configuration, generatedOn }, now, paint }: Seen): string {
  const up = lasting(now - Date.parse(instance.startedOn));
  const version = configuration.version === null ? '' : ` ${configuration.version.slice(0, 12)}`;
  const loaded = `configuration${version} of a ${configuration.source}, loaded ${relative(configuration.loadedOn, now)}`;
  return paint('faint', `  instance ${instance.name}, up ${up}; ${loaded}; ${absolute(generatedOn)}`);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
