import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { tenants } from '../../local/sample.ts';
import { createSigningKeySource } from '../../shared/azure/signing-keys.ts';
import type { PublishedKey, SigningKeySource } from '../../shared/callers/ports.ts';
import { BrokerError } from '../../shared/errors.ts';
import { startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';

type Subject = { source: SigningKeySource; break(broken: boolean): Promise<void> };

const signal = new AbortController().signal;
let on: BrokerOnStack;
beforeAll(async () => {
  on = await startBrokerOnStack();
});
afterAll(() => on.close());

function inMemory(): Subject {
  const keys: PublishedKey[] = [{ kty: 'RSA', kid: 'one', n: 'AQAB', e: 'AQAB' }];
  let broken = false;
  return {
    source: {
      fetch: async () => {
        if (broken) throw new BrokerError('signing-keys-unavailable');
        return keys;
      },
    },
    break: async (now) => {
      broken = now;
    },
  };
}

function atEntra(): Subject {
  const authorityHost = on.stack.settings['AZURE_AUTHORITY_HOST'] ?? '';
  return {
    source: createSigningKeySource(on.clock, { authorityHost, tenantId: tenants.broker }),
    break: async (broken) => {
      if (!broken) await on.steer('/faults', 'DELETE');
      else await on.steer('/faults', 'POST', { target: 'entra', status: 503 });
    },
  };
}

describe.each([
  ['in memory', inMemory],
  ['at Entra', atEntra],
])('the signing keys %s', (_name, create) => {
  test('are RSA keys with a kid', async () => {
    const keys = await create().source.fetch(signal);
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.every(({ kty, kid }) => kty === 'RSA' && typeof kid === 'string')).toBe(true);
  });

  test('that cannot be had are unavailable, and are there again afterwards', async () => {
    const subject = create();
    await subject.break(true);
    await expect(subject.source.fetch(signal)).rejects.toMatchObject({ reason: 'signing-keys-unavailable' });
    await subject.break(false);
    expect((await subject.source.fetch(signal)).length).toBeGreaterThan(0);
  });
});

test.each([
  ['an HTML page', '<html>'],
  ['no list', '{"keys":{}}'],
])('Entra answers with %s: unavailable, not empty', async (_name, body) => {
  await on.steer('/faults', 'POST', { target: 'entra', status: 200, body, times: 1 });
  await expect(atEntra().source.fetch(signal)).rejects.toMatchObject({ reason: 'signing-keys-unavailable' });
});
