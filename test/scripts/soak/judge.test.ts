import { describe, expect, test } from '@jest/globals';
import { judge, type Answer } from '../../../scripts/soak/judge.ts';
import { kinds, type Kind } from '../../../scripts/soak/requests.ts';

const handOut = kindOf('hand-out');
const unsigned = kindOf('a token unsigned');
const status = kindOf('status');

function kindOf(name: string): Kind {
  const kind = kinds.find((each) => each.name === name);
  if (!kind) throw new Error(`There is no ${name}.`);
  return kind;
}

const standing = { 'Cache-Control': 'no-store', Pragma: 'no-cache', 'X-Content-Type-Options': 'nosniff' };

function answer(given: number, body: unknown = {}, headers: Record<string, string> = {}, tookMs = 20): Answer {
  const text = JSON.stringify(body);
  return { status: given, headers: new Headers({ ...standing, ...headers }), text, tookMs };
}

const brokenBy = (kind: Kind, given: Answer, lagMs = 0) => judge(kind, given, lagMs).map(({ broken }) => broken);
const problem = (code: string) => ({ code });
const retry = { 'Retry-After': '2' };

describe('The judge of the soak finds nothing wrong with', () => {
  test.each<[string, Kind, Answer]>([
    ['a hand-out, with its secrets', handOut, answer(200, { headers: { Key: 'CANARY0123' } })],
    ['a refusal as is due', unsigned, answer(401, problem('invalid-token'))],
    ['an upstream that is down', handOut, answer(503, problem('upstream-unavailable'), retry)],
    ['a hand-out that took as long as it may', handOut, answer(200, {}, {}, 7_000)],
  ])('%s', (_what, kind, given) => {
    expect(brokenBy(kind, given)).toEqual([]);
  });

  test('an answer that is late because the judge is', () => {
    expect(brokenBy(handOut, answer(200, {}, {}, 9_000), 1_001)).toEqual([]);
  });
});

describe('The judge of the soak finds', () => {
  test.each<[string, Kind, Answer, unknown]>([
    ['a forged token that is taken', unsigned, answer(200), 1],
    ['an API of others that is given', kindOf('an API of others'), answer(200), 2],
    ['a secret in a refusal', unsigned, answer(401, { code: 'invalid-token', detail: 'CANARY0123' }), 3],
    ['a secret in a status', status, answer(200, { key: Buffer.from('CANARY0123').toString('base64') }), 3],
    ['a secret in a header', handOut, answer(200, {}, { 'X-Key': 'CANARY0123' }), 3],
    ['an answer after its deadline', handOut, answer(200, {}, {}, 7_001), 8],
    ['an answer that may be kept', handOut, answer(200, {}, { 'Cache-Control': 'max-age=60' }), 'contract'],
    ['a defect', handOut, answer(500, problem('internal-error')), 'contract'],
    ['a 503 that does not say when', handOut, answer(503, problem('upstream-unavailable')), 'contract'],
    ['a 502 that does not say when', handOut, answer(502, problem('upstream-rejected')), 'contract'],
    ['a code that is none', unsigned, answer(401, problem('nonsense')), 'contract'],
    ['a code with another status', unsigned, answer(401, problem('forbidden')), 'contract'],
    ['a good caller who is refused', handOut, answer(403, problem('forbidden')), 'contract'],
  ])('%s', (_what, kind, given, broken) => {
    expect(brokenBy(kind, given)).toEqual([broken]);
  });
});
