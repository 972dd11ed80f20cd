import { describe, expect, test } from '@jest/globals';
import { evaluate, isRuntime } from '../../../scripts/infra/expression.ts';

describe('an expression', () => {
  test.each([
    ['plain', 'plain'],
    ['[[escaped', '[[escaped'],
    ["['it''s']", "it's"],
    ['[environment().resourceManager]', 'https://management.azure.com/'],
    ["[format('https://{0}{1}', 'kv', environment().suffixes.keyvaultDns)]", 'https://kv.vault.azure.net'],
    ["[format('{1}-{0}-{1}', 'a', format('<{0}>', 'b'))]", '<b>-a-<b>'],
  ])('%s is %s', (text, value) => {
    expect(evaluate(text)).toBe(value);
    expect(isRuntime(text)).toBe(false);
  });

  test.each([
    "[reference('/subscriptions/…').clientId]",
    "[format('ClientId={0}', reference('…').clientId)]",
    "[format('a{0}', 'b'), 'c']",
    '[environment().unknown]',
  ])('%s is known to a deployment alone', (text) => {
    expect(evaluate(text)).toBeUndefined();
    expect(isRuntime(text)).toBe(true);
  });
});
