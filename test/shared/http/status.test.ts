import { describe, expect, test } from '@jest/globals';
import { findingsOf } from '../../../shared/doctor/finding.ts';
import { toReport } from '../../../shared/doctor/report.ts';
import { BrokerError } from '../../../shared/errors.ts';
import type { Decide } from '../../../shared/http/audited.ts';
import { createDoctorRoute } from '../../../shared/http/doctor.ts';
import type { AuthenticateOperator } from '../../../shared/http/operator.ts';
import { createStatusRoute } from '../../../shared/http/status.ts';
import { caller } from '../../support/caller-tokens.ts';
import { status as sample } from '../../cli/samples.ts';
import { exchangeOf, refusalOf, signal } from './exchange.ts';

const { operator: _operator, ...status } = sample;
const report = toReport([findingsOf('clock').well('wall clock')], Date.UTC(2026, 10, 24, 3));

/** Lets somebody read who may also steer, or may not; or nobody. */
const letIn =
  (mayWrite: boolean): AuthenticateOperator =>
  async (_request, need) => {
    if (need !== 'read') throw new BrokerError('role-missing');
    return { ...caller, mayWrite };
  };
const letNobodyIn: AuthenticateOperator = () => Promise.reject(new BrokerError('role-missing'));

const ask = (route: Decide, query = '') =>
  route(exchangeOf({ url: `https://broker.example/v1/status${query}` }), {}, signal);

describe('GET /v1/status', () => {
  test.each([true, false])('tells what is well, and whether who asks may steer: %p', async (mayWrite) => {
    const route = createStatusRoute({ authenticateOperator: letIn(mayWrite), readStatus: async () => status });
    expect(JSON.parse((await ask(route)).body)).toEqual({ operator: { mayWrite }, ...status });
  });
});

describe('POST /v1/doctor', () => {
  test('tells what was examined and found', async () => {
    const route = createDoctorRoute({ authenticateOperator: letIn(false), examine: async () => report });
    expect(JSON.parse((await ask(route)).body)).toEqual(report);
  });
});

describe.each<[string, (authenticateOperator: AuthenticateOperator, act: () => never) => Decide]>([
  ['the status', (authenticateOperator, act) => createStatusRoute({ authenticateOperator, readStatus: act })],
  ['the doctor', (authenticateOperator, act) => createDoctorRoute({ authenticateOperator, examine: act })],
])('%s', (_which, create) => {
  const act = () => {
    throw new Error('nothing is to be looked at');
  };

  test('is for operators alone, who alone are told what it takes', async () => {
    expect(await refusalOf(ask(create(letNobodyIn, act), '?x=1'))).toEqual({
      code: 'forbidden',
      reason: 'role-missing',
    });
  });

  test('takes no query', async () => {
    expect(await refusalOf(ask(create(letIn(true), act), '?x=1'))).toEqual({
      code: 'invalid-request',
      reason: 'query-unknown',
    });
  });
});
