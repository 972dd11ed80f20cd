import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { causes, causeNames } from '../../../shared/doctor/causes.ts';
import { doctorAnswer } from '../../../shared/http/contract/doctor.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/doctor.md'), 'utf8');

test('docs/doctor.md has each cause, and no other', () => {
  const headings = Array.from(page.matchAll(/^### (.+)$/gm), ([, name]) => name);
  expect(headings).toEqual(causeNames);
});

test.each(causeNames)('%s says what it means, and what to do, in whole sentences', (name) => {
  for (const text of Object.values(causes[name])) expect(text).toMatch(/^[A-Zd].*\.$/);
});

test('the contract takes each cause, and no other', () => {
  const withCause = (cause: string) => ({
    examinedOn: '2026-11-24T03:00:00.000Z',
    well: 0,
    warnings: 0,
    faults: 1,
    findings: [{ check: 'key', subject: 'x', verdict: 'fault', cause, detail: null, remedy: null }],
  });
  expect(causeNames.filter((name) => !doctorAnswer.safeParse(withCause(name)).success)).toEqual([]);
  expect(doctorAnswer.safeParse(withCause('bad-luck')).success).toBe(false);
});
