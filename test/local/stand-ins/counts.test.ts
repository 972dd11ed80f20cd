import { expect, test } from '@jest/globals';
import { createCounts, otherPaths } from '../../../local/stand-ins/counts.ts';

test('the same target, method, path and status are one row', () => {
  const counts = createCounts();
  counts.record('vault', 'GET', '/secrets/a', 200);
  counts.record('vault', 'GET', '/secrets/a', 200);
  counts.record('vault', 'GET', '/secrets/a', 401);
  expect(counts.list()).toEqual([
    { target: 'vault', method: 'GET', path: '/secrets/a', status: 200, count: 2 },
    { target: 'vault', method: 'GET', path: '/secrets/a', status: 401, count: 1 },
  ]);
});

test('a reset forgets everything', () => {
  const counts = createCounts();
  counts.record('entra', 'POST', '/t/oauth2/v2.0/token', 200);
  counts.reset();
  expect(counts.list()).toEqual([]);
});

test('what is listed is a copy', () => {
  const counts = createCounts();
  counts.record('entra', 'GET', '/', 404);
  const [row] = counts.list();
  if (row) row.count = 99;
  expect(counts.list()[0]?.count).toBe(1);
});

test('new paths share a row once there are too many, and nothing is lost', () => {
  const counts = createCounts();
  for (let path = 0; path < 5_000; path += 1) counts.record('vault', 'GET', `/secrets/${path}`, 404);
  const rows = counts.list();
  expect(rows.length).toBe(2_001);
  expect(rows.find(({ path }) => path === otherPaths)?.count).toBe(3_000);
});
