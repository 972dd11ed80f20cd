import type * as z from 'zod/mini';
import type { auditAnswer } from '../../shared/http/contract/audit.ts';
import type { DoctorAnswer } from '../../shared/http/contract/doctor.ts';
import type { RotationAnswer, RotationView, SteeringAnswer } from '../../shared/http/contract/rotation.ts';

/** Answers as the document shows them, where they are too long to stand in the table. */

const subscription = 'okq8-core';

const rotation: RotationView = {
  state: 'idle',
  generation: 12,
  activeSlot: 'primary',
  primary: { fingerprint: 'Q2f0ZW1lLTEy', promisedUntil: '2026-11-24T09:00:00.000Z' },
  secondary: { fingerprint: 'bm90LWEta2V5', promisedUntil: null },
  switchedOn: '2026-11-01T02:14:00.000Z',
  drainedOn: null,
  dueOn: '2026-12-01T02:00:00.000Z',
  paused: false,
  compromised: null,
  waitsForPerson: false,
  overdue: false,
  lastFailure: null,
  plan: [
    { state: 'idle', notBefore: '2026-11-01T02:14:00.000Z' },
    { state: 'regenerating-secondary', notBefore: '2026-12-01T02:00:00.000Z' },
  ],
};

export const rotationWithHistory: RotationAnswer = {
  subscription,
  rotation,
  problem: null,
  history: [
    {
      on: '2026-11-01T02:14:00.000Z',
      from: 'draining-primary',
      to: 'idle',
      event: 'drained',
      generation: 12,
      by: 'worker-1',
      statedReason: null,
    },
  ],
};

export const steered: SteeringAnswer = {
  subscription,
  command: 'pause',
  replayed: false,
  outage: null,
  rotation: { ...rotation, paused: true },
};

export const trail: z.output<typeof auditAnswer> = {
  records: [
    {
      time: '2026-11-24T03:00:00.000Z',
      requestId: '0b7c3a0e-5c4d-4f27-9e63-3b0c5b8d2f1a',
      action: 'headers.hand-out',
      outcome: 'allowed',
      code: null,
      reason: null,
      status: 200,
      caller: 'billing',
      clientId: '0cfea938-4f8a-46e5-aeb9-49d2584e5f4f',
      objectId: 'b7c4766b-063d-4674-aa7a-6fc3401bd7e3',
      api: 'core',
      key: 'Q2f0ZW1lLTEy',
      expiresOn: '2026-11-24T03:05:00.000Z',
    },
  ],
  complete: true,
};

export const examination: DoctorAnswer = {
  examinedOn: '2026-11-24T03:00:00.000Z',
  well: 11,
  warnings: 0,
  faults: 1,
  findings: [
    {
      check: 'client',
      subject: 'okq8-client-secret',
      verdict: 'fault',
      cause: 'expired-secret',
      detail: 'Entra says that the secret has expired.',
      remedy: 'Make a new client secret in the app registration, and store it as a new version.',
    },
  ],
};
