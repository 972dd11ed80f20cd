import { describe, expect, test } from '@jest/globals';
import { exploredTerms, exploreRotation } from '../../../scripts/rotation-states.ts';
import { renderRotationMachine } from '../../../scripts/rotation-diagram.ts';
import type { RotationRecord } from '../../../shared/rotation/record.ts';
import { otherSlot } from '../../../shared/rotation/slot.ts';
import { key, policyOf } from '../../support/rotation-machine.ts';
import { tickUntil, worldOf, type World } from '../../support/rotation-world.ts';

const moves = exploreRotation();
const records = Array.from(new Map(moves.map(({ to }) => [JSON.stringify(to), to])).values());
const tell = (found: readonly RotationRecord[]) => found.slice(0, 3).map((record) => JSON.stringify(record));

describe('in every record that can be reached', () => {
  test('the slot that is regenerated, settled or drained is not the active one', () => {
    const against = records.filter(({ state, active }) => {
      return state.phase !== 'idle' && state.phase !== 'publishing' && state.slot === active;
    });
    expect(tell(against)).toEqual([]);
  });

  test('the active key is published again only when it was changed outside', () => {
    const against = moves.filter(({ from, to, cause }) => {
      const isActive =
        to.state.phase === 'publishing' && from.state.phase !== 'publishing' && to.state.slot === to.active;
      return isActive && !(cause.kind === 'enter' && cause.alert === 'key-changed-outside');
    });
    expect(tell(against.map(({ from }) => from))).toEqual([]);
  });

  test('a slot is regenerated only when its drain is over, or its key compromised', () => {
    const against = moves.filter(({ from, cause }) => {
      if (cause.kind !== 'regenerate' || from.compromised === cause.slot) return false;
      return from.keys[cause.slot].promisedUntil > 100 || from.active === cause.slot;
    });
    expect(tell(against.map(({ from }) => from))).toEqual([]);
  });

  test('every transition has a name in docs/rotation.md', () => {
    expect(renderRotationMachine(moves)).toContain('stateDiagram-v2');
  });
});

describe('from every record that can be reached the machine comes to rest, when all is well again', () => {
  const policy = policyOf({ terms: exploredTerms, requestTimeoutMs: 1, quarantineMs: 1 });

  /** Those from which it does not, in a world where one thing is not as the record has it. */
  const stuckIn = (change: (published: World['published'], record: RotationRecord) => Partial<World['published']>) =>
    records.filter((record) => {
      const { primary, secondary } = record.keys;
      if (primary.fingerprint === secondary.fingerprint) return false;
      const world = worldOf(record, 0);
      world.published = { ...world.published, ...change(world.published, record) };
      return tickUntil(world, policy, 'idle', 1) === undefined;
    });

  test('and what is published is what the record says', () => {
    expect(tell(stuckIn(() => ({})))).toEqual([]);
  });

  test('and what is published has lost its tags', () => {
    expect(tell(stuckIn(() => ({ generation: undefined, safeUntil: undefined })))).toEqual([]);
  });

  test('and what is published is of a newer generation', () => {
    expect(tell(stuckIn(() => ({ generation: 2 })))).toEqual([]);
  });

  test('and the other slot’s key is published', () => {
    const other = ({ keys, active }: RotationRecord) => keys[otherSlot(active)].fingerprint;
    expect(tell(stuckIn((_published, record) => ({ fingerprint: other(record) })))).toEqual([]);
  });

  test('and a key is published that nobody lists', () => {
    expect(tell(stuckIn(() => ({ fingerprint: key('foreign') })))).toEqual([]);
  });

  test('and an older version of the active key is published', () => {
    expect(tell(stuckIn(() => ({ generation: 0 })))).toEqual([]);
  });
});
