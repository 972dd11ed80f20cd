import { describe, expect, jest, test } from '@jest/globals';
import * as fc from 'fast-check';
import * as z from 'zod/mini';
import { parseWindow, isWithin } from '../../../shared/config/windows.ts';
import { rotation } from '../../../shared/http/contract/rotation.ts';
import { createRotationViews, toRotationView } from '../../../shared/operations/rotation-view.ts';
import { drained } from '../../../shared/rotation/plan.ts';
import type { State } from '../../../shared/rotation/record.ts';
import { anyRecord } from '../../support/arbitrary-record.ts';
import { now, policyOf } from '../../support/rotation-machine.ts';
import { sampleRecord } from '../../support/sample-record.ts';
import type { SubscriptionName } from '../../../shared/names.ts';

const name = 'okq8-core' as SubscriptionName;
const policy = policyOf();
const regenerating: State = { phase: 'regenerating', slot: 'primary', intent: undefined };
const iso = (ms: number) => new Date(ms).toISOString();

describe('a rotation as operators see it', () => {
  test('says what the record says, with moments and no marks of absence', () => {
    const record = sampleRecord(name);
    expect(toRotationView(record, policy, record.switchedOn)).toEqual({
      state: 'idle',
      generation: 4,
      activeSlot: 'primary',
      primary: { fingerprint: 'pppppppppppp', promisedUntil: iso(record.keys.primary.promisedUntil) },
      secondary: { fingerprint: 'ssssssssssss', promisedUntil: null },
      switchedOn: iso(record.switchedOn),
      drainedOn: null,
      dueOn: iso(record.dueAt),
      paused: false,
      compromised: null,
      waitsForPerson: false,
      overdue: false,
      lastFailure: null,
      plan: expect.arrayContaining([{ state: 'idle', notBefore: iso(record.switchedOn) }]),
    });
  });

  test('says when what drains is drained', () => {
    const record = sampleRecord(name, { state: { phase: 'draining', slot: 'secondary' } });
    expect(toRotationView(record, policy, now).drainedOn).toBe(iso(drained(record, 'secondary')));
  });

  test('says what is compromised, and what has failed', () => {
    const lastFailure = { at: 7_000, reason: 'gateway-unknown', times: 3 } as const;
    expect(toRotationView(sampleRecord(name, { compromised: 'primary', lastFailure }), policy, now)).toMatchObject({
      compromised: 'primary',
      lastFailure: { on: iso(7_000), reason: 'gateway-unknown', times: 3 },
    });
  });

  test('waits for a person only where one regenerates, and it is not paused', () => {
    const record = sampleRecord(name, { state: regenerating });
    const manual = policyOf({ isManual: true });
    const waits = [
      toRotationView(record, manual, now),
      toRotationView(record, policy, now),
      toRotationView({ ...record, paused: true }, manual, now),
      toRotationView(sampleRecord(name), manual, now),
    ].map(({ waitsForPerson }) => waitsForPerson);
    expect(waits).toEqual([true, false, false, false]);
  });

  test('is what the contract describes, whatever the record says', () => {
    const window = parseWindow('Mon-Fri 02:00-05:00 Europe/Stockholm');
    if (!window) throw new Error('That is no window.');
    const windowed = policyOf({ mayStart: (at) => isWithin(window, at) });
    const moment = fc.integer({ min: 0, max: 8_640_000_000_000_000 });
    fc.assert(
      fc.property(anyRecord, fc.constantFrom(policy, windowed), moment, (record, by, at) => {
        expect(z.safeParse(rotation, toRotationView(record, by, at)).error).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });
});

describe('rotations that many look at', () => {
  const rarely = { ...policy, mayStart: jest.fn(() => false) };
  const record = sampleRecord(name, { dueAt: 0 });
  const asked = (at: number, views: typeof toRotationView, of = record) => {
    rarely.mayStart.mockClear();
    expect(views(of, rarely, at)).toEqual(toRotationView(of, rarely, at));
    return rarely.mayStart.mock.calls.length;
  };

  test('are planned once a second, however often they are asked for', () => {
    const views = createRotationViews();
    const alone = asked(now, toRotationView) / 2;
    expect(alone).toBeGreaterThan(1_000);
    views(record, rarely, now);
    rarely.mayStart.mockClear();
    for (let times = 0; times < 50; times += 1) views(record, rarely, now + times * 19);
    expect(rarely.mayStart).not.toHaveBeenCalled();
    expect(asked(now + 1_000, views)).toBe(2 * alone);
  });

  test('are what they are by a record that was written since, by another policy, and by a clock that was set back', () => {
    const views = createRotationViews();
    views(record, rarely, now);
    expect(asked(now, views, { ...record, generation: 9 })).toBeGreaterThan(1_000);
    expect(views(record, policy, now)).toEqual(toRotationView(record, policy, now));
    expect(views(record, policy, now - 60_000)).toEqual(toRotationView(record, policy, now - 60_000));
  });
});
