import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { BrokerError, reasonsByCode, type Code, type Reason } from '../../../shared/errors.ts';
import { problemAnswer, problemKinds } from '../../../shared/http/problems.ts';
import { renderProblemsPage } from '../../../shared/http/problems-page.ts';
import { problemIn, requestId } from './exchange.ts';

type Row = { readonly status: number; readonly challenge?: string; readonly allow?: true; readonly retryAfter?: true };

const challenge = 'Bearer realm="token-broker"';
const rows: Readonly<Record<Code, Row>> = {
  'invalid-request': { status: 400 },
  unsupported: { status: 400 },
  'missing-token': { status: 401, challenge },
  'invalid-token': { status: 401, challenge: `${challenge}, error="invalid_token"` },
  forbidden: { status: 403 },
  'foreign-header-set': { status: 403 },
  'not-found': { status: 404 },
  conflict: { status: 409 },
  'method-not-allowed': { status: 405, allow: true },
  'too-many-requests': { status: 429, retryAfter: true },
  'internal-error': { status: 500 },
  'upstream-rejected': { status: 502, retryAfter: true },
  'upstream-unavailable': { status: 503, retryAfter: true },
};

const pairs = Object.entries(reasonsByCode).flatMap(([code, reasons]) =>
  reasons.map((reason) => [code, reason] as [Code, Reason]),
);
const answerOf = (reason: Reason, retryAfterMs?: number) =>
  problemAnswer(new BrokerError(reason, { retryAfterMs }), requestId, ['GET', 'HEAD']);

describe('the codes', () => {
  test('have a row here and a kind of problem each, and there are no others', () => {
    expect(Object.keys(rows).toSorted()).toEqual(Object.keys(reasonsByCode).toSorted());
    expect(Object.keys(problemKinds).toSorted()).toEqual(Object.keys(reasonsByCode).toSorted());
  });

  test('have at least one reason each, and no reason belongs to two', () => {
    for (const reasons of Object.values(reasonsByCode)) expect(reasons).not.toHaveLength(0);
    expect(new Set(pairs.map(([, reason]) => reason)).size).toBe(pairs.length);
  });

  test.each(pairs)('%s is that of an error by reason of %s', (code, reason) => {
    expect(new BrokerError(reason)).toMatchObject({ code, reason });
  });
});

describe('the answer to an error', () => {
  test.each(pairs)('%s by reason of %s is a problem document with what its status asks for', (code, reason) => {
    const row = rows[code];
    const answer = answerOf(reason);
    expect(answer.status).toBe(row.status);
    expect(answer.headers).toEqual({
      'Content-Type': 'application/problem+json',
      ...(row.challenge === undefined ? {} : { 'WWW-Authenticate': row.challenge }),
      ...(row.allow ? { Allow: 'GET, HEAD' } : {}),
      ...(row.retryAfter ? { 'Retry-After': code === 'upstream-rejected' ? '30' : '1' } : {}),
    });
    expect(problemIn(answer)).toEqual({
      type: `/docs/problems.md#${code}`,
      title: expect.stringMatching(/\S/),
      status: row.status,
      detail: expect.stringMatching(/\.$/),
      code,
      requestId,
    });
  });

  test.each<[Code]>([['forbidden'], ['invalid-token'], ['missing-token']])(
    '%s is byte for byte the same whatever the reason',
    (code) => {
      const answers = reasonsByCode[code].map((reason) => JSON.stringify(answerOf(reason)));
      expect(new Set(answers).size).toBe(1);
    },
  );

  test('tells nothing of the error’s cause', () => {
    const cause = new Error('CANARYfeedface');
    const answer = problemAnswer(new BrokerError('entra-refused', { cause }), requestId, []);
    expect(JSON.stringify(answer)).not.toContain('CANARY');
  });

  test.each([
    [undefined, '1'],
    [0, '1'],
    [1, '1'],
    [1_000, '1'],
    [1_001, '2'],
    [250_000, '250'],
    [3_600_000, '3600'],
    [3_600_001, '3600'],
  ])('that comes with %p milliseconds to wait has them in whole seconds, rounded up: %s', (ms, seconds) => {
    expect(answerOf('rate-limit', ms).headers['Retry-After']).toBe(seconds);
    expect(answerOf('entra-unavailable', ms).headers['Retry-After']).toBe(seconds);
  });

  test('is not to be had again for 30 s where a person must mend it, and for longer where an upstream asks for that', () => {
    const waits = [undefined, 29_000, 31_000].map((ms) => answerOf('entra-secret-wrong', ms).headers['Retry-After']);
    expect(waits).toEqual(['30', '30', '31']);
  });

  test('says more than its code does where that helps whoever asked, and nobody else', () => {
    const details = pairs.map(([code, reason]) => [code, String(problemIn(answerOf(reason))['detail'])] as const);
    for (const [, detail] of details) expect(detail).toMatch(/^[A-Z“][^\n]{20,}\.$|^optionsOverride/);
    const told = (code: Code) => new Set(details.filter(([each]) => each === code).map(([, detail]) => detail)).size;
    expect(told('unsupported')).toBe(reasonsByCode.unsupported.length);
    expect(told('conflict')).toBe(reasonsByCode.conflict.length);
    expect(told('invalid-request')).toBe(reasonsByCode['invalid-request'].length);
  });

  test('has a number of seconds in digits, however large', () => {
    expect(answerOf('rate-limit', 1e25).headers['Retry-After']).toMatch(/^\d+$/);
  });
});

describe('docs/problems.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../..', 'docs/problems.md'), 'utf8');
  const sections = page.split(/^## /m).slice(1);

  test('is what the code gives, but for how its lines are broken', () => {
    const words = (text: string) => text.split(/\s+/).join(' ').trim();
    expect(words(page)).toBe(words(renderProblemsPage({ withReasons: true })));
  });

  test('has a section for each code, under the anchor that `type` names, and no other', () => {
    expect(sections.map((section) => section.split('\n')[0])).toEqual(Object.keys(reasonsByCode));
  });

  test.each(Object.entries(reasonsByCode))(
    'says of %s its status and its reasons, all of them and no others',
    (code, reasons) => {
      const section = sections.find((text) => text.startsWith(`${code}\n`)) ?? '';
      expect(section).toContain(`**${rows[code as Code].status}**`);
      const [, list = ''] = section.split('Reasons:');
      expect(Array.from(list.matchAll(/`([^`]+)`/g), ([, reason]) => reason)).toEqual([...reasons]);
    },
  );
});
