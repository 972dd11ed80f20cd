import { describe, expect, test } from '@jest/globals';
import { namePattern, type CallerName, type Guid } from '../../../shared/names.ts';
import { dayOf, fixedTrails, trailOf } from '../../../shared/telemetry/trail.ts';
import { sampleAudit } from '../../support/sample-audit.ts';

const caller = 'billing' as CallerName;
const objectId = 'b7c4766b-063d-4674-aa7a-6fc3401bd7e3' as Guid;

describe('a record stands', () => {
  test.each([
    ['in its caller’s trail', { caller, objectId, action: 'headers.hand-out' } as const, 'billing'],
    ['in that of the unknown, without a token', { action: 'headers.hand-out' } as const, '_unknown'],
    ['there too with the token of a stranger', { objectId, action: 'apis.list' } as const, '_unknown'],
    ['there too where an operator’s route was asked without a token', { action: 'audit.read' } as const, '_unknown'],
    ['in the operators’ trail', { objectId, action: 'audit.read' } as const, '_operators'],
  ])('%s', (_where, record, trail) => {
    expect(trailOf(record)).toBe(trail);
  });

  test.each(fixedTrails)('in %s where no caller’s can', (trail) => {
    expect(namePattern.test(trail)).toBe(false);
  });

  test('under its day, in UTC', () => {
    expect(dayOf(sampleAudit('billing', Date.UTC(2026, 10, 24, 23, 59, 59, 999)))).toBe('2026-11-24');
  });
});
