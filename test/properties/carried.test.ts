import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { orRefused } from '../../scripts/fuzz/target.ts';
import { createFingerprintOf } from '../../shared/credentials/fingerprint.ts';
import { readId } from '../../shared/credentials/rejection.ts';
import { createSetIds } from '../../shared/http/set-id.ts';
import type { AccessLevel, ApiName } from '../../shared/names.ts';
import { Secret } from '../../shared/secret.ts';
import { traceHeaders, withTrace } from '../../shared/trace-context.ts';
import { signal } from '../shared/http/exchange.ts';
import { billing } from '../shared/http/offers.ts';
import { anyText, madeOf, some, toGuid, writtenGuid } from './arbitraries.ts';

describe('a trace', () => {
  const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length - 1}}[1-9a-f]$`));
  const parent = fc.tuple(hex(32), hex(16), hex(2)).map((parts) => `00-${parts.join('-')}`);
  const member = fc.tuple(
    fc.stringMatching(/^[a-z][a-z0-9]{0,5}(@[a-z]{1,3})?$/),
    fc.stringMatching(/^[!-+\--<>-~]{1,30}$/, { size: 'max' }),
  );
  const state = fc.array(
    member.map(([key, value]) => `${key}=${value}`),
    { minLength: 1, maxLength: 40, size: 'max' },
  );
  const carried = (traceParent: string, traceState?: string) => withTrace({ traceParent, traceState }, traceHeaders);

  test('that is well-formed is carried on as it came', () => {
    fc.assert(
      fc.property(parent, state, (traceparent, members) => {
        const tracestate = members.join(',');
        expect(carried(traceparent, tracestate)).toEqual({
          traceparent,
          ...(tracestate.length <= 512 && members.length <= 32 && { tracestate }),
        });
      }),
      some,
    );
  });

  test('that is not is left out as a whole: no header is changed, and none is made', () => {
    const nearly = fc.oneof(
      parent,
      madeOf('00-', '0'.repeat(32), 'a'.repeat(16), '-', '01', 'F', '\r\n', ' '),
      anyText,
    );
    fc.assert(
      fc.property(nearly, fc.oneof(anyText, madeOf('a=b', ',', '=', '@', ' ', 'é')), (traceParent, traceState) => {
        const headers = carried(traceParent, traceState);
        expect([undefined, traceParent]).toContain(headers['traceparent']);
        expect([undefined, traceState]).toContain(headers['tracestate']);
        expect(Array.from(new Headers(headers)).length).toBe(Object.keys(headers).length);
      }),
      some,
    );
  });
});

describe('the id of a header set', () => {
  const fingerprint = fc.stringMatching(/^[\w-]{12}$/);
  const loaded = { value: createFingerprintOf(new Secret('k'.repeat(32))), refreshAt: Infinity, expiresAt: Infinity };
  const setIds = createSetIds({ get: async () => loaded });
  const recipient = fc.record({
    caller: writtenGuid.map((guid) => ({ ...billing, clientId: toGuid(guid) })),
    api: fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/).map((text) => text as ApiName),
    access: fc.option(
      fc.constantFrom('.default', 'get').map((text) => text as AccessLevel),
      { nil: undefined },
    ),
  });

  /** Two that differ in one thing at most. */
  const two = fc
    .tuple(recipient, recipient, fc.constantFrom('caller', 'api', 'access'))
    .map(([one, another, thing]) => [one, { ...one, [thing]: another[thing] }] as const);

  test('is unsealed for whom it was sealed, and for nobody else', async () => {
    await fc.assert(
      fc.asyncProperty(fingerprint, fc.option(fingerprint), two, async (key, token, [one, other]) => {
        const id = `hs_${key}${token ?? ''}`;
        const sealed = await setIds.seal(id, one, signal);
        expect(await setIds.unseal(sealed, one, signal)).toBe(id);
        expect(readId(id)).toEqual({ key, token: token ?? '' });
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        expect(await orRefused(setIds.unseal(sealed, other, signal))).toBe(isSame ? id : undefined);
      }),
      some,
    );
  });
});
