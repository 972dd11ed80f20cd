import { describe, expect, test } from '@jest/globals';
import { createManualAuthority } from '../../../shared/azure/manual-authority.ts';
import { BrokerError } from '../../../shared/errors.ts';
import type { Fingerprint, SecretName } from '../../../shared/names.ts';
import { createFallBack, type Endangered } from '../../../shared/rotation/fall-back.ts';
import type { ProbeVerdict } from '../../../shared/rotation/ports.ts';
import { createRunner } from '../../../shared/rotation/runner.ts';
import type { Secret } from '../../../shared/secret.ts';
import { createLog } from '../../../shared/telemetry/log.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMemoryAuthority, createMemoryProbe } from '../../support/memory-authority.ts';
import { createMemoryRecords, createMemoryVault } from '../../support/memory-rotation.ts';
import { name, policyOf } from '../../support/rotation-machine.ts';

const secretName = 'published' as SecretName;
const alternateName = 'published-alternate' as SecretName;
const fingerprintOf = (secret: Secret) => secret.open().padEnd(12, '_') as Fingerprint;
const [one, two] = ['one_________' as Fingerprint, 'two_________' as Fingerprint];
const { signal } = new AbortController();

/** A subscription that was adopted with its primary published, and its secondary in the vault beside it. */
async function createScene() {
  const clock = createManualClock();
  const lines: string[] = [];
  const log = createLog({
    info: (line) => lines.push(line),
    warn: (line) => lines.push(line),
    error: (line) => lines.push(line),
  });
  const { records, state: storage } = createMemoryRecords();
  const vault = createMemoryVault();
  const { authority, state, change } = createMemoryAuthority({ primary: 'one', secondary: 'two' });
  const said = [new Map<string, ProbeVerdict>(), new Map<string, ProbeVerdict>()] as const;
  const publisher = vault.publisherOf(secretName);
  const read = async () => ({ secret: (await vault.publisherOf(alternateName).read(signal)).secret, version: '1' });
  const endangered: Endangered = {
    subscription: name,
    policy: policyOf(),
    authority,
    publisher,
    probe: createMemoryProbe(said),
    remembered: createManualAuthority({ publisher, store: { read } }, { alternate: alternateName }),
  };
  const dependencies = { clock, records, createOperationId: () => 'operation' };
  const loadFingerprintOf = async () => fingerprintOf;
  const workerOf = (runner: string) => createFallBack({ ...dependencies, loadFingerprintOf }, { runner });
  vault.put(secretName, 'one');
  await createRunner({ ...dependencies, fingerprintOf, runner: 'timer' }).step(endangered, signal);
  for (const gateway of said) gateway.set('two', 'accepted');
  const record = async () => (await records.read(name, signal))?.record;
  const published = () => vault.versionsOf(secretName).at(-1);
  return { clock, lines, log, records, storage, vault, state, change, said, endangered, workerOf, record, published };
}

describe('a worker that falls back', () => {
  test('publishes the other slot’s key, with its promise in the record, and says so in the history and in the log', async () => {
    const { workerOf, endangered, log, lines, record, records, published, change } = await createScene();
    change('primary');
    await expect(workerOf('w')(endangered, one, log)).resolves.toBe(true);
    expect(published()).toMatchObject({ value: 'two', tags: { slot: 'secondary', generation: '2' } });
    const after = await record();
    expect(after).toMatchObject({ active: 'secondary', generation: 2, unsettled: 'primary' });
    expect(after?.state).toEqual({ phase: 'draining', slot: 'primary' });
    expect(published()?.tags['safeUntil']).toBe(new Date(after?.keys.secondary.promisedUntil ?? 0).toISOString());
    const history = await records.history(name, 5, signal);
    expect(history.map(({ event, runner }) => [event, runner])).toContainEqual(['fell-back', 'w']);
    expect(lines.join()).toContain('active-key-refused');
    expect(lines.join()).not.toContain('"two"');
  });

  test.each<[string, ProbeVerdict]>([
    ['refuses', 'refused'],
    ['forbids', 'forbidden'],
    ['says nothing to', 'unknown'],
  ])('leaves all as it is where one of the gateways %s the other key', async (_case, verdict) => {
    const { workerOf, endangered, log, record, said, published } = await createScene();
    said[1].set('two', verdict);
    const before = await record();
    await expect(workerOf('w')(endangered, one, log)).resolves.toBe(false);
    expect(await record()).toEqual(before);
    expect(published()?.value).toBe('one');
  });

  test('does so once, however many workers do so at once, and each of them sees it done', async () => {
    const { workerOf, endangered, log, record, vault, clock } = await createScene();
    const all = Promise.all(['a', 'b', 'c'].map((worker) => workerOf(worker)(endangered, one, log)));
    await clock.advance(2_000);
    await expect(all).resolves.toEqual([true, true, true]);
    expect(vault.versionsOf(secretName).map(({ value }) => value)).toEqual(['one', 'two']);
    expect((await record())?.generation).toBe(2);
  });

  test('does not do so again, nor back, when it still reads the refused key', async () => {
    const { workerOf, endangered, log, vault, said } = await createScene();
    await workerOf('a')(endangered, one, log);
    for (const gateway of said) gateway.set('one', 'accepted');
    await expect(workerOf('b')(endangered, one, log)).resolves.toBe(true);
    await expect(workerOf('b')(endangered, two, log)).resolves.toBe(false);
    expect(vault.versionsOf(secretName).map(({ value }) => value)).toEqual(['one', 'two']);
  });

  test('takes the other key from the vault while the authority cannot list it', async () => {
    const { workerOf, endangered, log, state, published } = await createScene();
    state.fault = new BrokerError('authority-unavailable');
    await expect(workerOf('w')(endangered, one, log)).resolves.toBe(true);
    expect(published()?.value).toBe('two');
  });

  test('takes no key from the vault that is not the one that has settled', async () => {
    const { workerOf, endangered, log, state, said, vault, published } = await createScene();
    state.fault = new BrokerError('authority-unavailable');
    vault.put(alternateName, 'old');
    for (const gateway of said) gateway.set('old', 'accepted');
    await expect(workerOf('w')(endangered, one, log)).resolves.toBe(false);
    expect(published()?.value).toBe('one');
  });

  test('ends what another began and left, once that is no longer its own', async () => {
    const { workerOf, endangered, log, vault, clock, published } = await createScene();
    vault.state.isReadOnly = true;
    await expect(workerOf('a')(endangered, one, log)).rejects.toMatchObject({ reason: 'vault-forbidden' });
    vault.state.isReadOnly = false;
    const { requestTimeoutMs, terms } = endangered.policy;
    await clock.advance(requestTimeoutMs + 2 * terms.skewMs);
    await expect(workerOf('b')(endangered, one, log)).resolves.toBe(true);
    expect(published()?.value).toBe('two');
  });

  test('gives up at the request timeout while another has it', async () => {
    const { workerOf, endangered, log, vault, clock } = await createScene();
    vault.state.isReadOnly = true;
    await expect(workerOf('a')(endangered, one, log)).rejects.toMatchObject({ reason: 'vault-forbidden' });
    const waiting = workerOf('b')(endangered, one, log);
    const ended = expect(waiting).rejects.toMatchObject({ reason: 'deadline' });
    await clock.advance(endangered.policy.requestTimeoutMs);
    await ended;
  });
});
