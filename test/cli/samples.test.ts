import { expect, test } from '@jest/globals';
import type * as z from 'zod/mini';
import { auditAnswer } from '../../shared/http/contract/audit.ts';
import { doctorAnswer } from '../../shared/http/contract/doctor.ts';
import { rotationAnswer, steeringAnswer } from '../../shared/http/contract/rotation.ts';
import { statusAnswer } from '../../shared/http/contract/status.ts';
import { audited, examined, rotationSeen, status, steered } from './samples.ts';

test.each<[string, z.ZodMiniType, unknown]>([
  ['status', statusAnswer, status],
  ['rotation', rotationAnswer, rotationSeen],
  ['steering', steeringAnswer, steered],
  ['audit', auditAnswer, audited],
  ['doctor', doctorAnswer, examined],
])('the %s that the tests answer with is one of the contract', (_, schema, sample) => {
  expect(schema.parse(sample)).toEqual(sample);
});
