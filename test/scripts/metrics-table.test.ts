import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { renderMetricsTable } from '../../scripts/metrics-table.ts';
import { attributes, instruments } from '../../shared/telemetry/instruments.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/metrics.md'), 'utf8');
const cellsOf = (text: string) =>
  text.split('\n').map((line) =>
    line
      .split('|')
      .map((cell) => cell.trim())
      .filter((cell) => cell !== ''),
  );

test('the page lists every instrument and attribute, with unit, attributes and meaning', () => {
  const rowsOf = (text: string) => cellsOf(text).map((cells) => cells.join('|'));
  const rows = rowsOf(renderMetricsTable()).filter((row) => !/^[-|]+$/.test(row));
  expect(rows.length).toBeGreaterThan(20);
  expect(rowsOf(page)).toEqual(expect.arrayContaining(rows));
});

test('the page names no instrument and no attribute that there is not', () => {
  const known = new Set([...Object.values(instruments).map(({ name }) => name), ...Object.keys(attributes)]);
  const named = Array.from(page.matchAll(/`(token_broker\.[a-z._]+)`/g), ([, name]) => name ?? '');
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});
