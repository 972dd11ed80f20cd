import { createSigningKeys } from '../../../shared/callers/signing-keys.ts';
import { createTokenVerifier } from '../../../shared/callers/verify.ts';
import { neverAborted } from '../../../shared/deadline.ts';
import { readTokenFacts } from '../../../shared/azure/token-facts.ts';
import { guidPattern } from '../../../shared/names.ts';
import { Secret } from '../../../shared/secret.ts';
import { claimsAt, createSigner, expected } from '../../../test/support/caller-tokens.ts';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { expectThat, orRefused, type FuzzTarget } from '../target.ts';

const signer = createSigner('ours');
const clock = createManualClock();
const header = { alg: 'RS256', typ: 'JWT', kid: 'ours' };
const claims = claimsAt(clock.wall(), { uti: 'CANARY0123456789' });
const seedOf = (head: unknown, payload: unknown) => `${JSON.stringify(head)}\n${JSON.stringify(payload)}`;

/** A line is a token as it is; two lines are header and payload, well signed, and what stands in a third is added. */
function toToken(input: string): string {
  const [head = '', payload, tail = ''] = input.split('\n');
  if (payload === undefined) return head;
  const bytes = (text: string) => Buffer.from(text, 'latin1').toString('base64url');
  const parsed = [bytes(head), bytes(payload)].join('.');
  const signature = signer.forge({}, '').split('.')[2] ?? '';
  return head === JSON.stringify(header) ? signer.forge(header, Buffer.from(payload)) + tail : `${parsed}.${signature}`;
}

export const token: FuzzTarget = {
  name: 'token',
  seeds: [
    seedOf(header, claims),
    seedOf(header, { ...claims, idtyp: undefined, scp: 'Operations.Read' }),
    seedOf({ ...header, crit: ['exp'] }, claims),
    'eyJhbGciOiJSUzI1NiJ9.e30.AAAA',
    '',
  ],
  attempt: async (input) => {
    const source = { fetch: async () => [signer.jwk] };
    const options = { issuer: expected, upstreamTimeoutMs: () => 1_000, onFailure: () => {} };
    const keys = createSigningKeys({ clock, source }, options);
    const verifier = createTokenVerifier({ clock, keys }, expected);
    const written = toToken(input);
    const verified = await orRefused(verifier.verify(written, neverAborted));
    readTokenFacts(new Secret(written));
    if (!verified) return;
    expectThat(verified.expiresAt > clock.wall(), 'a token is good only while it lasts');
    expectThat(guidPattern.test(verified.clientId) && guidPattern.test(verified.objectId), 'both ids are GUIDs');
    expectThat((await verifier.verify(written, neverAborted)) === verified, 'it is remembered');
  },
};
