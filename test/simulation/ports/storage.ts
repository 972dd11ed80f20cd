import type { KeyStore } from '../../../shared/credentials/ports.ts';
import { BrokerError, type Reason } from '../../../shared/errors.ts';
import type { KeyPublisher, PublishedKey, RecordStore } from '../../../shared/rotation/ports.ts';
import { Secret } from '../../../shared/secret.ts';
import type { Fault } from '../faults.ts';
import { truth } from '../history.ts';
import type { Line } from '../line.ts';
import type { Version } from '../world/vault.ts';
import type { World } from '../world/world.ts';

/** Table Storage, as a runner sees it. */
export function createRecordPort({ table, weather }: World, line: Line): RecordStore {
  const check = () => {
    if (weather.during('record corrupt')) throw new BrokerError('record-corrupt');
  };
  return {
    read: (_subscription, signal) =>
      line.request('read-record', signal, () => {
        check();
        return table.current();
      }),
    write: (record, etag, history, signal) =>
      line.request(
        'write-record',
        signal,
        (fault) => (fault?.kind === 'conflict in storage' ? undefined : table.write(record, etag, history)),
        record.state,
      ),
    history: (_subscription, limit, signal) =>
      line.request('read-record', signal, () => table.history().slice(0, limit)),
  };
}

const vaultDown = [
  'Key Vault down longer than C, before safeUntil',
  'Key Vault down longer than C, past safeUntil',
] as const;
const vaultReadOnly = [
  'Key Vault read-only through a whole drain',
  'Key Vault not writable for longer than P',
] as const;

function checkVault({ weather, random }: World, isWrite: boolean): void {
  if (weather.during(...vaultDown)) throw new BrokerError('vault-unavailable');
  if (isWrite && weather.during(...vaultReadOnly)) throw new BrokerError('vault-forbidden');
  const reasons: readonly Reason[] = ['vault-unavailable', 'vault-forbidden'];
  if (weather.during('Key Vault 429, 403 or 503 after regenerate')) throw new BrokerError(random.pick(reasons));
}

/** Key Vault, as a runner sees it. */
export function createPublisherPort(world: World, line: Line): KeyPublisher {
  const { vault } = world;
  const write = (execute: () => void) => () => {
    checkVault(world, true);
    execute();
  };
  return {
    read: (signal) => line.request('read-key', signal, () => toPublishedKey(readVault(world, drawLag(world)))),
    publish: ({ secret, ...tags }, signal) =>
      line.request(
        'publish',
        signal,
        write(() => vault.store(secret.open(), tags)),
      ),
    tag: (version, tags, signal) =>
      line.request(
        'tag',
        signal,
        write(() => vault.tag(version, tags)),
      ),
    storeAlternate: (_alternate, signal) =>
      line.request(
        'store-alternate',
        signal,
        write(() => {}),
      ),
    probeWritable: (signal) =>
      line.request(
        'probe-vault',
        signal,
        write(() => {}),
      ),
  };
}

function readVault(world: World, lagMs: number): Version {
  checkVault(world, false);
  const seen = world.vault.read(lagMs);
  if (seen !== world.vault.newest()) world.weather.show('visibility lag');
  return seen;
}

function drawLag({ random, history }: World): number {
  return history.isCalm === true || random.chance(history.isSharp ? 0.9 : 0.6)
    ? 0
    : random.extreme(0, truth.visibilityMs);
}

function toPublishedKey({ id, key, tags }: Version): PublishedKey {
  const secret = new Secret(key);
  const { generation, slot, fingerprint, safeUntil } = tags ?? {};
  return { secret, version: id, generation, slot, fingerprint, safeUntil };
}

/** Key Vault, as the reader of one instance sees it. One that is cut off has read once. */
export function createStorePort(world: World, line: Line, instance: number, isCold: () => boolean): KeyStore {
  const { random, history, weather } = world;
  const isCutOff = () => {
    const spell = weather.during('Key Vault out of reach of one instance');
    return !isCold() && spell && Math.floor(spell.fault.degree * history.skews.length) === instance;
  };
  const lagOf = (fault: Fault | undefined) => {
    if (fault?.kind === 'older version read by a cold instance') return truth.visibilityMs;
    if (fault?.kind === 'slow read that spans the switch') return 0;
    return history.isSharp && random.chance(0.7) ? truth.visibilityMs : drawLag(world);
  };
  return {
    read: (_name, signal) =>
      line.request('read-as-reader', signal, (fault) => {
        if (isCutOff()) throw new BrokerError('vault-unavailable');
        return toPublishedKey(readVault(world, lagOf(fault)));
      }),
  };
}
