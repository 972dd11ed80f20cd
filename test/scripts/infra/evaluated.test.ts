import { expect, test } from '@jest/globals';
import { readSnapshot, toStableText } from '../../../scripts/infra/evaluated.ts';

const vault = {
  id: '/subscriptions/1/providers/Microsoft.KeyVault/vaults/a',
  type: 'Microsoft.KeyVault/vaults',
  name: 'a',
};
const site = { id: '/subscriptions/1/providers/Microsoft.Web/sites/b', type: 'Microsoft.Web/sites', name: 'b' };

test('a snapshot is the same text in whichever order the CLI has written it', () => {
  const one = { predictedResources: [vault, site], diagnostics: [], outputs: { A: '1', B: '2' } };
  const other = { predictedResources: [site, vault], diagnostics: [], outputs: { B: '2', A: '1' } };
  expect(toStableText(JSON.stringify(one))).toBe(toStableText(JSON.stringify(other)));
  expect(readSnapshot(toStableText(JSON.stringify(other)))).toEqual({
    resources: [
      { ...vault, properties: {} },
      { ...site, properties: {} },
    ],
    outputs: { A: '1', B: '2' },
  });
});

test.each(['{}', '{"predictedResources":[{"id":"/a"}]}'])('%s is no snapshot', (text) => {
  expect(() => readSnapshot(text)).toThrow(/^The snapshot has /);
});
