import { describe, expect, test } from '@jest/globals';
import type { SubscriptionConfig } from '../../../shared/config/config.ts';
import { causeOfPublished, judgeKeys } from '../../../shared/doctor/keys.ts';
import type { GatewayAnswer } from '../../../shared/doctor/ports.ts';
import type { SubscriptionName } from '../../../shared/names.ts';
import type { FailureReason, RotationRecord } from '../../../shared/rotation/record.ts';
import { sampleRecord } from '../../support/sample-record.ts';

const name = 'okq8-core' as SubscriptionName;
const unseen = { kind: 'skipped', because: '' } as const;
const refused: GatewayAnswer = { status: 401, about: 'key-invalid' };
const taken: GatewayAnswer = { status: 200, about: undefined };

function judge(answers: readonly GatewayAnswer[], lastFailure: FailureReason | undefined) {
  const record: RotationRecord = {
    ...sampleRecord(name),
    state: {
      phase: 'settling',
      slot: 'secondary',
      fingerprintBefore: sampleRecord(name).keys.secondary.fingerprint,
      regeneratedAt: 0,
      fingerprint: undefined,
      accepts: 0,
    },
    lastFailure: lastFailure && { at: 0, reason: lastFailure, times: 3 },
  };
  const tries = answers.map((value, at) => ({
    gateway: `https://gateway-${at}.example.com`,
    seen: { kind: 'seen', value } as const,
  }));
  const keys = {
    sight: {
      subscription: { name } as SubscriptionConfig,
      authority: undefined,
      published: unseen,
      listed: unseen,
      facts: unseen,
    },
    record,
    tried: [{ name: 'secondary', tries } as const],
    obstacle: undefined,
  };
  return { findings: judgeKeys(keys).map(({ verdict, cause }) => [verdict, cause]), published: causeOfPublished(keys) };
}

describe('a key that settles, refused by a gateway', () => {
  test.each<[string, readonly GatewayAnswer[], FailureReason | undefined, string, string | null]>([
    ['is well as long as its time is not up', [taken, refused], undefined, 'well', null],
    ['is well where something else failed', [taken, refused], 'authority-unavailable', 'well', null],
    [
      'is told where its time is up, and another gateway takes it',
      [taken, refused],
      'new-key-refused',
      'warning',
      'gateway-lagging',
    ],
    [
      'is told where its time is up, and no gateway takes it',
      [refused, refused],
      'new-key-refused',
      'warning',
      'key-refused',
    ],
    ['is well once it is taken', [taken, taken], 'new-key-refused', 'well', null],
  ])('%s', (_, answers, lastFailure, verdict, cause) => {
    expect(judge(answers, lastFailure)).toEqual({ findings: [[verdict, cause]], published: undefined });
  });
});
