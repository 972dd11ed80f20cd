import { expect, test } from '@jest/globals';
import { createDocument } from '../../../../scripts/openapi/document.ts';
import served from '../../../../docs/openapi.json' with { type: 'json' };

test('the contract is what the broker serves as its OpenAPI document', () => {
  expect(JSON.parse(JSON.stringify(createDocument()))).toEqual(served);
});
