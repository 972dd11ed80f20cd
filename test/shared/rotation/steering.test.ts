import { describe, expect, test } from '@jest/globals';
import { decide } from '../../../shared/rotation/decide.ts';
import type { RotationRecord, State } from '../../../shared/rotation/record.ts';
import { fallBack, steer, type Command, type Refusal } from '../../../shared/rotation/steering.ts';
import {
  first,
  foreign,
  fresh,
  intentOf,
  mirrored,
  name,
  now,
  policyOf,
  recordOf,
  second,
  seenBy,
} from '../../support/rotation-machine.ts';

const dueLater = { dueAt: now + 5 };
const draining = mirrored({ state: { phase: 'draining', slot: 'primary' } });
const regenerating: State = { phase: 'regenerating', slot: 'primary', intent: undefined };
const settling: State = {
  phase: 'settling',
  slot: 'primary',
  fingerprintBefore: first,
  regeneratedAt: now,
  fingerprint: fresh,
  accepts: 0,
};
const publishing: State = { phase: 'publishing', slot: 'primary', fingerprint: fresh, intent: intentOf() };
const emergency: Command = { kind: 'emergency', confirm: name };

describe('a command changes only what it says', () => {
  test.each<[string, RotationRecord, Command, Partial<RotationRecord>]>([
    ['start: a cycle is due now', recordOf(dueLater), { kind: 'start' }, { dueAt: now }],
    ['pause', recordOf(), { kind: 'pause' }, { paused: true }],
    ['pause, in the middle of a cycle', draining, { kind: 'pause' }, { paused: true }],
    ['resume', recordOf({ paused: true }), { kind: 'resume' }, { paused: false }],
    [
      'rollback while draining: the retiring key is published again',
      draining,
      { kind: 'rollback' },
      { state: { phase: 'publishing', slot: 'primary', fingerprint: first, intent: undefined } },
    ],
    [
      'rollback of the mirror',
      recordOf({ state: { phase: 'draining', slot: 'secondary' } }),
      { kind: 'rollback' },
      { state: { phase: 'publishing', slot: 'secondary', fingerprint: second, intent: undefined } },
    ],
    ['emergency: the primary is compromised when it is active', recordOf(), emergency, { compromised: 'primary' }],
    ['emergency: the secondary when it is', draining, emergency, { compromised: 'secondary' }],
  ])('%s', (_case, record, command, changes) => {
    expect(steer(record, command, now)).toEqual({ record: { ...record, ...changes } });
  });
});

describe('a command is refused', () => {
  test.each<[Refusal, string, RotationRecord, Command]>([
    ['cycle-under-way', 'start during a cycle', draining, { kind: 'start' }],
    ['already-so', 'pause when paused', recordOf({ paused: true }), { kind: 'pause' }],
    ['already-so', 'resume when not paused', recordOf(), { kind: 'resume' }],
    ['not-draining', 'rollback at rest', recordOf(), { kind: 'rollback' }],
    ['not-draining', 'rollback past the point of no return', mirrored({ state: regenerating }), { kind: 'rollback' }],
    ['not-draining', 'rollback while settling', mirrored({ state: settling }), { kind: 'rollback' }],
    ['not-draining', 'rollback while publishing', mirrored({ state: publishing }), { kind: 'rollback' }],
    ['not-draining', 'rollback to a compromised key', { ...draining, compromised: 'primary' }, { kind: 'rollback' }],
    ['not-confirmed', 'emergency without the name', recordOf(), { kind: 'emergency', confirm: '' }],
    ['not-confirmed', 'emergency with another name', recordOf(), { kind: 'emergency', confirm: 'okq8-core' }],
    ['already-so', 'a second emergency', recordOf({ compromised: 'primary' }), emergency],
  ])('%s: %s', (refusal, _case, record, command) => {
    expect(steer(record, command, now)).toEqual({ refusal });
  });
});

test('a key that is draining can be left for the retiring one while another key is compromised', () => {
  const record = { ...draining, compromised: 'secondary' } as const;
  expect(steer(record, { kind: 'rollback' }, now)).toHaveProperty('record.state.phase', 'publishing');
});

test('start does not open a maintenance window', () => {
  const steered = steer(recordOf(dueLater), { kind: 'start' }, now);
  if ('refusal' in steered) throw new Error(steered.refusal);
  const closed = policyOf({ mayStart: () => false });
  expect(decide(steered.record, seenBy(steered.record), closed, now)).toMatchObject({ because: 'outside-window' });
});

describe('the other slot takes over from an active key that gateways refuse', () => {
  const toSecondary: State = { phase: 'publishing', slot: 'secondary', fingerprint: second, intent: undefined };
  const toPrimary: State = { phase: 'publishing', slot: 'primary', fingerprint: first, intent: undefined };
  const waiting: State = { phase: 'regenerating', slot: 'secondary', intent: undefined };

  test.each<[string, RotationRecord]>([
    ['at rest', recordOf()],
    ['while it drains itself', recordOf({ state: { phase: 'draining', slot: 'secondary' } })],
    ['before it is regenerated', recordOf({ state: waiting })],
    ['while paused', recordOf({ paused: true })],
    ['ahead of the tick that an emergency waits for', recordOf({ compromised: 'primary' })],
  ])('%s', (_case, record) => {
    expect(fallBack(record, first, second)).toEqual({ ...record, state: toSecondary, unsettled: 'primary' });
  });

  test('and the secondary that is left is regenerated by a cycle that is due at once', () => {
    const record = { ...draining, cycleFrom: 'secondary' } as const;
    const fallen = { ...record, state: toPrimary, unsettled: 'secondary', cycleFrom: 'primary' };
    expect(fallBack(record, second, first)).toEqual(fallen);
  });

  test.each<[string, RotationRecord]>([
    ['while it is being regenerated', recordOf({ state: { ...waiting, intent: intentOf() } })],
    ['while it settles', recordOf({ state: { ...settling, slot: 'secondary' } })],
    ['while a key is being published', recordOf({ state: toSecondary })],
    ['when it has not settled', recordOf({ unsettled: 'secondary' })],
    ['when it is compromised', recordOf({ compromised: 'secondary' })],
    [
      'when it was fallen back from',
      recordOf({ state: { phase: 'draining', slot: 'secondary' }, unsettled: 'secondary' }),
    ],
  ])('but not %s', (_case, record) => {
    expect(fallBack(record, first, second)).toBeUndefined();
  });

  test('but not when the record knows of another published key', () => {
    expect(fallBack(recordOf(), foreign, second)).toBeUndefined();
  });

  test('but not when its key is another than the one that has settled', () => {
    expect(fallBack(recordOf(), first, foreign)).toBeUndefined();
  });
});
