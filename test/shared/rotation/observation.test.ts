import { describe, expect, test } from '@jest/globals';
import { judge } from '../../../shared/rotation/observation.ts';
import type { ProbeVerdict } from '../../../shared/rotation/ports.ts';

describe('a key is accepted when every gateway accepts it; else the first of forbidden, refused, unknown is what is said of it', () => {
  test.each<[ProbeVerdict, readonly ProbeVerdict[] | undefined]>([
    ['accepted', ['accepted']],
    ['accepted', ['accepted', 'accepted', 'accepted']],
    ['unknown', ['accepted', 'unknown']],
    ['refused', ['accepted', 'unknown', 'refused']],
    ['forbidden', ['refused', 'accepted', 'unknown', 'forbidden']],
    ['forbidden', ['forbidden', 'refused']],
    // Nothing is concluded from what was not looked at.
    ['unknown', []],
    ['unknown', undefined],
  ])('%s: %j', (expected, verdicts) => {
    expect(judge(verdicts)).toBe(expected);
  });
});
