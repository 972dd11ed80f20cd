import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createDocument } from '../../../scripts/openapi/document.ts';
import { reasonsByCode } from '../../../shared/errors.ts';
import { problemKinds } from '../../../shared/http/problems.ts';

const root = join(import.meta.dirname, '../../..');
const document = createDocument();

describe('the document and the triggers', () => {
  let registered: string[];
  beforeAll(async () => {
    registered = [];
    const http = (_name: string, { route }: { route: string }) => void registered.push(`/${route}`);
    const app = new Proxy(
      { http, hook: { appStart: () => {} } },
      { get: (target, kind) => Reflect.get(target, kind) ?? (() => {}) },
    );
    jest.doMock('@azure/functions', () => ({ app }));
    jest.doMock('../../../shared/broker-loading.ts', () => ({ withBroker: () => {}, allMethods: [] }));
    await import('../../../functions/main.ts');
  });

  test('have the same paths', () => {
    const described = Object.keys(document.paths);
    // What answers where there is nothing, and what answers as the API does that it calls.
    const undescribed = new Set(['/{*path}', '/v1/call/{api}/{*path}']);
    expect(registered.filter((path) => !undescribed.has(path)).toSorted()).toEqual(described.toSorted());
  });
});

describe('the codes', () => {
  const codes = Object.keys(reasonsByCode).toSorted();

  test('of the document are those of the code, each with its status', () => {
    const responses = [...Object.values(document.components.responses), ...Object.values(document['x-undescribed'])];
    const described = responses.flatMap(({ content }) => {
      const schema = content?.['application/problem+json']?.schema as Problem | undefined;
      return schema?.properties.code.enum.map((each) => `${each} ${schema.properties.status.const}`) ?? [];
    });
    const expected = codes.map((code) => `${code} ${problemKinds[code as keyof typeof problemKinds].status}`);
    expect(Array.from(new Set(described)).toSorted()).toEqual(expected);
  });

  test('of the document’s schema are those of the code', () => {
    const { properties } = document.components.schemas['Problem'] as { properties: { code: { enum: string[] } } };
    expect(properties.code.enum.toSorted()).toEqual(codes);
  });

  test('of docs/problems.md are those of the code, each with its status', () => {
    const page = readFileSync(join(root, 'docs/problems.md'), 'utf8');
    const told = Array.from(page.matchAll(/^## (\S+)\n\n\*\*(\d+)\*\*/gm), ([, code, status]) => `${code} ${status}`);
    expect(told.toSorted()).toEqual(
      codes.map((code) => `${code} ${problemKinds[code as keyof typeof problemKinds].status}`),
    );
  });
});

type Problem = { properties: { status: { const: number }; code: { enum: string[] } } };

test('the version is that of the interface, not of the deployment', () => {
  expect(document.info).toMatchObject({ version: '1' });
  expect(JSON.stringify(document)).not.toContain(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version);
});
