import { describe, expect, test } from '@jest/globals';
import type { SubscriptionConfig } from '../../../shared/config/config.ts';
import { judgeRotation } from '../../../shared/doctor/records.ts';
import type { SubscriptionName } from '../../../shared/names.ts';
import type { RotationPolicy } from '../../../shared/rotation/policy.ts';
import type { PublishedKey } from '../../../shared/rotation/ports.ts';
import type { RotationRecord } from '../../../shared/rotation/record.ts';
import { Secret } from '../../../shared/secret.ts';
import { sampleRecord } from '../../support/sample-record.ts';

const noon = Date.UTC(2026, 10, 24, 12);
const name = 'okq8-core' as SubscriptionName;
const [primary, secondary] = [new Secret('CANARY0one'), new Secret('CANARY0two')];
const record = sampleRecord(name);
const policy: RotationPolicy = {
  terms: record.terms,
  everyMs: 2_592_000_000,
  requestTimeoutMs: 12_000,
  quarantineMs: 60_000,
  acceptsNeeded: 3,
  isManual: false,
  mayStart: () => true,
};

type Situation = {
  readonly record?: Partial<RotationRecord> | undefined;
  readonly published?: Partial<PublishedKey>;
  readonly now?: number;
};

function judge({ record: changes = {}, published = {}, now = noon }: Situation) {
  const key = { secret: primary, version: 'v', generation: 4, slot: 'primary', fingerprint: undefined, ...published };
  const sight = {
    subscription: { name } as SubscriptionConfig,
    authority: undefined,
    published: { kind: 'seen', value: { safeUntil: noon + 21_600_000, ...key } as PublishedKey },
    listed: { kind: 'seen', value: { primary, secondary } },
    facts: { kind: 'skipped', because: '' },
  } as const;
  const stored = { kind: 'seen', value: { record: { ...record, ...changes } as RotationRecord, etag: 'e' } } as const;
  return judgeRotation(stored, { sight, policy, isStorageDown: false, wallMs: now });
}

describe('a rotation', () => {
  test.each<[string, Situation, string, string | null]>([
    ['that rests', {}, 'well', null],
    ['whose published key is in the other slot', { published: { secret: secondary } }, 'warning', 'record-stale'],
    [
      'that is about to note a switch',
      {
        published: { secret: secondary },
        record: {
          state: {
            phase: 'publishing',
            slot: 'secondary',
            fingerprint: record.keys.secondary.fingerprint,
            intent: undefined,
          },
        },
      },
      'well',
      null,
    ],
    [
      'that has noted a switch, which a read does not show yet',
      { published: { secret: secondary }, record: { switchedOn: noon - 79_999 } },
      'well',
      null,
    ],
    [
      'whose last step failed',
      { record: { lastFailure: { at: noon - 60_000, reason: 'gateway-unknown', times: 3 } } },
      'warning',
      'rotation-failing',
    ],
    [
      'that failed an hour ago',
      { record: { lastFailure: { at: noon - 3_600_000, reason: 'gateway-unknown', times: 3 } } },
      'well',
      null,
    ],
    ['whose promise has ended', { published: { safeUntil: noon - 1 } }, 'warning', 'promise-ended'],
    ['that is paused', { record: { paused: true } }, 'warning', 'rotation-paused'],
    ['that should have begun an hour ago', { record: { dueAt: noon - 3_600_000 } }, 'warning', 'rotation-overdue'],
    ['that should have begun a minute ago', { record: { dueAt: noon - 60_000 } }, 'well', null],
  ])('%s', (_name, situation, verdict, cause) => {
    expect(judge(situation)).toMatchObject({ check: 'rotation', subject: name, verdict, cause });
  });

  test('tells the reason of a failure, and since when', () => {
    const { detail } = judge({ record: { lastFailure: { at: noon - 60_000, reason: 'gateway-unknown', times: 3 } } });
    expect(detail).toContain('Last at 2026-11-24T11:59:00.000Z, 3 times in a row: gateway-unknown.');
  });
});
