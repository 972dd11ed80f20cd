import { expect, test } from '@jest/globals';
import { textOf } from './workflow.ts';

test('azd deploys the package that was made, and has the platform build nothing: of JavaScript it would without being told', () => {
  const text = textOf('azure.yaml');
  expect(text).toMatch(/^ {4}language: js\n {4}host: function\n( {4}#.*\n)* {4}remoteBuild: false$/m);
  expect(text).toContain('azd: deploy broker --from-package dist/package/token-broker.zip');
});
