import { describe, expect, test } from '@jest/globals';
import { createRoutes, type RouteDefinition } from '../../../local/host/routes.ts';
import { StartError } from '../../../local/host/start-error.ts';
import { splitPath } from '../../../local/host/target.ts';

const define = (template: string, methods: string[] = ['GET']): RouteDefinition<string> => ({
  functionName: `function of ${template}`,
  template,
  methods,
  target: template,
});

function find(templates: (string | RouteDefinition<string>)[], path: string, method = 'GET'): unknown {
  const match = createRoutes(templates.map((one) => (typeof one === 'string' ? define(one) : one)));
  const found = match(method, splitPath(path) ?? []);
  return found && { target: found.target, params: { ...found.params } };
}

describe('a template', () => {
  test.each([
    ['', '/', {}],
    ['', '/a', undefined],
    ['v1/apis', '/v1/apis', {}],
    ['v1/apis', '/V1/APIs/', {}],
    ['v1/apis', '/v1', undefined],
    ['v1/apis', '/v1/apis/x', undefined],
    ['v1/apis', '/v1//apis', undefined],
    ['/v1/apis/', '/v1/apis', {}],
    ['v1/headers/{api}', '/v1/headers/payments', { api: 'payments' }],
    ['v1/headers/{api}', '/v1/headers/', undefined],
    ['v1/headers/{api}', '/v1/headers', undefined],
    ['v1/headers/{api}', '/v1/headers/a%20b', { api: 'a b' }],
    ['v1/headers/{api}', '/v1/headers/a%2Fb', { api: 'a%2Fb' }],
    ['v1/headers/{api}', '/v1/headers/Å%C3%A5', { api: 'Åå' }],
    ['v1/headers/{api}/rejections', '/v1/headers/payments/rejections', { api: 'payments' }],
    ['a/{b?}', '/a', {}],
    ['a/{b?}', '/a/', {}],
    ['a/{b?}', '/a/x', { b: 'x' }],
    ['a/{b?}', '/a/x/y', undefined],
    ['a/{b:int?}', '/a', {}],
    ['a/{b:int?}', '/a/x', undefined],
    ['{*rest}', '/', {}],
    ['{*rest}', '/x/y%20z/w', { rest: 'x/y z/w' }],
    ['a/{*rest}', '/a', {}],
    ['a/{**rest}', '/a/b/c', { rest: 'b/c' }],
    ['a/{*rest}', '/b', undefined],
    ['a/{*rest:minlength(3)}', '/a/b', undefined],
    ['a/{*rest:minlength(3)}', '/a/b/c', { rest: 'b/c' }],
    ['{a}/{b}', '/x/y', { a: 'x', b: 'y' }],
  ])('%j takes %j as %j', (template, path, params) => {
    expect(find([template], path)).toEqual(params && { target: template, params });
  });

  test('may name a parameter like a member of every object', () => {
    const match = createRoutes([define('{__proto__}/{constructor}')]);
    expect(Object.entries(match('GET', ['a', 'b'])?.params ?? {})).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });
});

describe('a constraint', () => {
  const guid = '0f8fad5b-d9cb-469f-a165-70867728950e';
  test.each([
    ['int', ['0', '-5', '+5', '2147483647'], ['2147483648', '1.5', 'a', '', '0x1', '9'.repeat(50)]],
    ['long', ['9223372036854775807'], ['9223372036854775808', '1e3']],
    [
      'guid',
      [guid, guid.toUpperCase(), `{${guid}}`, `(${guid})`, guid.replaceAll('-', '')],
      ['x', guid.slice(1), `{${guid})`, `{${guid}`],
    ],
    ['alpha', ['abc', 'ABC'], ['a1', 'å', 'a-b']],
    ['bool', ['true', 'FALSE'], ['1', 'yes']],
    ['length(3)', ['abc'], ['ab', 'abcd']],
    ['length(2,3)', ['ab', 'abc'], ['a', 'abcd']],
    ['length(2, 3)', ['ab'], ['a']],
    ['minlength(2)', ['ab', 'abc'], ['a']],
    ['maxlength(2)', ['a', 'ab'], ['abc']],
    ['min(18)', ['18', '19'], ['17', 'x']],
    ['max(18)', ['18', '-1'], ['19', 'x']],
    ['range(-1,3)', ['-1', '3'], ['-2', '4', 'x']],
    [String.raw`regex(^\d{{3}}-[a-z]$)`, ['123-a', '123-A'], ['12-a', '123-ab']],
    ['regex(b)', ['abc'], ['ac']],
    ['regex(^(a|b:c)$)', ['a', 'b:c'], ['b']],
    ['required', ['a'], []],
    ['INT', ['1'], ['a']],
    ['int:min(2):max(4)', ['2', '4'], ['1', '5']],
  ])('%s takes %j and not %j', (constraint, good, bad) => {
    const taken = (value: string): boolean =>
      find([`{x:${constraint}}`], `/${encodeURIComponent(value)}`) !== undefined;
    expect(good.filter((value) => !taken(value))).toEqual([]);
    expect(bad.filter(taken)).toEqual([]);
  });

  test('may hold a slash', () => {
    expect(find(['a/{*x:regex(^b/c$)}'], '/a/b/c')).toEqual({ target: 'a/{*x:regex(^b/c$)}', params: { x: 'b/c' } });
  });
});

describe('of several routes', () => {
  const all = ['a/{*rest}', 'a/{x}', 'a/{x:int}', 'a/b', 'a/{x}/c', 'a', '{*rest}'];
  test.each([
    ['/a/b', 'a/b'],
    ['/a/1', 'a/{x:int}'],
    ['/a/z', 'a/{x}'],
    ['/a/z/c', 'a/{x}/c'],
    ['/a/z/d', 'a/{*rest}'],
    ['/a', 'a'],
    ['/z', '{*rest}'],
  ])('%j goes to %j, in whatever order they were registered', (path, expected) => {
    expect(find(all, path)).toMatchObject({ target: expected });
    expect(find(all.toReversed(), path)).toMatchObject({ target: expected });
  });

  test('a method that only a less precise one takes goes there', () => {
    const routes = [define('a/b', ['POST']), define('a/{x}', ['GET'])];
    expect(find(routes, '/a/b', 'GET')).toMatchObject({ target: 'a/{x}' });
    expect(find(routes, '/a/b', 'POST')).toMatchObject({ target: 'a/b' });
    expect(find(routes, '/a/b', 'DELETE')).toBeUndefined();
  });

  test('HEAD is not taken for GET', () => {
    expect(find(['a'], '/a', 'HEAD')).toBeUndefined();
  });
});

describe('is refused at start, with the function and the reason:', () => {
  test.each([
    ['a/{b', 'not one literal'],
    ['a/b}', 'not one literal'],
    ['a/x{b}', 'not one literal'],
    ['a/{b}{c}', 'not one literal'],
    ['a/{}', 'not one literal'],
    ['a/{b=1}', 'not one literal'],
    ['a?b', 'holds "?"'],
    ['a//b', 'empty segment'],
    ['{a}/{A}', 'twice'],
    ['{*a}/b', 'last segment'],
    ['{a?}/b', 'last'],
    ['{a:nope}', '"nope" is not a constraint'],
    ['{a:int(1)}', '"int(1)" is not a constraint'],
    ['{a:min}', '"min" is not a constraint'],
    ['{a:min(x)}', '"min(x)" is not a constraint'],
    ['{a:range(1)}', '"range(1)" is not a constraint'],
    ['{a:length(1,2,3)}', '"length(1,2,3)" is not a constraint'],
    ['{a:regex([)}', '"regex([)" is not a constraint'],
    ['{a:toString}', '"toString" is not a constraint'],
    ['{a:int,alpha}', 'cannot be read'],
  ])('%s', (template, reason) => {
    const attempt = () => createRoutes([define(template)]);
    expect(attempt).toThrow(StartError);
    expect(attempt).toThrow(`function of ${template}`);
    expect(attempt).toThrow(reason);
  });

  test('a route that two functions take', () => {
    const attempt = () => createRoutes([define('a/{x}', ['GET', 'PUT']), define('A/{y}', ['PUT'])]);
    expect(attempt).toThrow(
      new StartError(
        'The functions "function of a/{x}" and "function of A/{y}" both take PUT /A/{y}. Change the route or the methods of one.',
      ),
    );
  });

  test('but not the same route with other methods or other constraints', () => {
    expect(() =>
      createRoutes([define('a/{x}'), define('a/{x}', ['PUT']), define('a/{x:int}'), define('a/{x:alpha}')]),
    ).not.toThrow();
  });
});
