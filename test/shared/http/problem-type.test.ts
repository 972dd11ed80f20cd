import { expect, test } from '@jest/globals';
import { chooseProblemType } from '../../../shared/http/problem-type.ts';
import { requestOf } from './exchange.ts';

const [problem, json] = ['application/problem+json', 'application/json'];
const typeFor = (accept: string | undefined) =>
  chooseProblemType(requestOf({ headers: accept === undefined ? {} : { accept } }));

test.each([
  [undefined, problem],
  ['*/*', problem],
  ['application/*', problem],
  ['application/problem+json', problem],
  ['application/problem+json; charset=utf-8', problem],
  ['application/json, application/problem+json;q=0.1', problem],
  [`application/json,${'a/b,'.repeat(254)}`, problem],
  ['application/json', json],
  ['text/html', json],
  ['application/json, application/problem+json;q=0', json],
  ['', json],
])('a client that takes %j is told of a problem as %s', (accept, type) => {
  expect(typeFor(accept)).toBe(type);
});
