import { createHmac } from 'node:crypto';
import { createFingerprintOf } from '../../../shared/credentials/fingerprint.ts';
import type { Fingerprint, SubscriptionName } from '../../../shared/names.ts';
import type { HistoryEntry } from '../../../shared/rotation/ports.ts';
import { nameOf, type RotationRecord } from '../../../shared/rotation/record.ts';
import type { Terms } from '../../../shared/rotation/terms.ts';
import { Secret } from '../../../shared/secret.ts';
import { canary, type Chronicle } from '../chronicle.ts';
import type { History } from '../history.ts';
import type { Random } from '../random.ts';
import type { Schedule } from '../schedule.ts';
import { beginSpell, lengthOf } from '../spells.ts';
import { createWeather, type Weather } from '../weather.ts';
import { createControlPlane } from './control-plane.ts';
import { createGateways } from './gateways.ts';
import { createTable } from './table.ts';
import { createVault } from './vault.ts';
import type { World } from './world.ts';

type Dependencies = {
  history: History;
  schedule: Schedule;
  random: Random;
  chronicle: Chronicle;
  configured: { readonly terms: Terms };
  /** Told of each write of the record. */
  onWrite: (world: World, record: RotationRecord, before: RotationRecord | undefined) => void;
};

/** What there is around the app for one subscription; where it is failing, its authority refuses, and nothing else goes wrong. */
export function createWorld(dependencies: Dependencies, name: string, isFailing: boolean): World {
  const { history, schedule, random, chronicle, configured, onWrite } = dependencies;
  const fingerprintOf = rememberFingerprints();
  const weather = createWeather(isFailing ? [] : history.faults, schedule.now(), schedule.now, {
    lengthOf: (fault) => lengthOf(fault, history),
    begin: (spell) => beginSpell(world, spell),
    count: chronicle.count,
  });
  const gateways = createGateways(history.nodes, (gateway, node) => {
    return delayOf({ history, random, weather }, configured.terms.propagationMs, gateway, node);
  });
  const controlPlane = createControlPlane({
    now: schedule.now,
    mintKey: mintKeys(`${history.seed} ${name}`),
    onChange: (change) => {
      chronicle.note(() => `  ${name}: ${change.slot} is ${fingerprintOf(new Secret(change.key))} by ${change.cause}`);
      gateways.hear(change);
    },
  });
  const key = controlPlane.keyIn(history.active);
  const fingerprint = fingerprintOf(new Secret(key));
  const tags = { generation: 1, slot: history.active, fingerprint, safeUntil: schedule.now() };

  const observe = (
    record: RotationRecord,
    before: RotationRecord | undefined,
    entry: HistoryEntry | undefined,
  ): void => {
    chronicle.check(JSON.stringify([record, entry]));
    chronicle.note(() => `  ${name}: record ${JSON.stringify(record)}`);
    const { generation, state } = record;
    if (before && generation < before.generation) chronicle.violate('generation went back', nameOf(state));
    if (state.phase === 'regenerating' && state.intent?.look) weather.show('intent taken over');
    if (isFailing) return;
    weather.meet(state);
    onWrite(world, record, before);
  };

  const world: World = {
    name: name as SubscriptionName,
    history,
    schedule,
    random,
    weather,
    controlPlane,
    gateways,
    vault: createVault(schedule.now, key, history.isUntagged ? undefined : tags),
    table: createTable(observe),
    outages: [],
    fingerprintOf,
    isFailing,
  };
  return world;
}

/** Fingerprints of a few keys, asked for very often. */
function rememberFingerprints(): (secret: Secret) => Fingerprint {
  const fingerprintOf = createFingerprintOf(new Secret('f'.repeat(32)));
  const known = new Map<string, Fingerprint>();
  return (secret) => {
    const text = secret.open();
    const fingerprint = known.get(text) ?? fingerprintOf(secret);
    known.set(text, fingerprint);
    return fingerprint;
  };
}

function mintKeys(seed: string): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `${canary}${createHmac('sha256', seed).update(`${count}`).digest('hex')}`;
  };
}

type Surroundings = { history: History; random: Random; weather: Weather };

/** How long a node takes to hear of a new key. */
function delayOf({ history, random, weather }: Surroundings, most: number, gateway: number, node: number): number {
  const { nodes, lag } = history;
  switch (lag) {
    case 'any':
      return random.extreme(0, most);
    case 'G−1':
      weather.show('gateway lag G−1');
      return most - 1;
    case 'one at G−1': {
      weather.show('one gateway lagging');
      const isLast = node === nodes.reduce((sum, each) => sum + each, 0) - 1;
      return isLast ? most - 1 : 0;
    }
    default:
      // 'G+1'. Where one of several nodes is late, a probe that another answers cannot tell.
      if (gateway !== 0 || nodes[0] !== 1) return random.extreme(0, most);
      weather.show('gateway lag G+1');
      return most + 1;
  }
}
