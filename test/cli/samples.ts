import type { AuditAnswer } from '../../shared/http/contract/audit.ts';
import type { DoctorAnswer } from '../../shared/http/contract/doctor.ts';
import type { RotationAnswer, RotationView, SteeringAnswer } from '../../shared/http/contract/rotation.ts';
import type { StatusAnswer } from '../../shared/http/contract/status.ts';

/** Answers of a broker at three in the morning, all of it well. */

const now = '2026-11-24T03:00:00.000Z';
/** A moment so many seconds away. */
export const at = (seconds: number) => new Date(Date.parse(now) + seconds * 1_000).toISOString();
const [hour, day] = [3_600, 86_400];

export const rotation: RotationView = {
  state: 'idle',
  generation: 4,
  activeSlot: 'primary',
  primary: { fingerprint: 'AAAAAAAAAAAA', promisedUntil: at(5 * hour) },
  secondary: { fingerprint: 'BBBBBBBBBBBB', promisedUntil: null },
  switchedOn: at(-3 * day),
  drainedOn: null,
  dueOn: at(27 * day),
  paused: false,
  compromised: null,
  waitsForPerson: false,
  overdue: false,
  lastFailure: null,
  plan: [
    { state: 'idle', notBefore: now },
    { state: 'regenerating-secondary', notBefore: at(27 * day) },
    { state: 'settling-secondary', notBefore: at(27 * day + 60) },
  ],
};

export const key: StatusAnswer['subscriptions'][number]['key'] = {
  fingerprint: 'AAAAAAAAAAAA',
  generation: 4,
  slot: 'primary',
  safeUntil: at(5 * hour),
  readOn: at(-20),
  usableUntil: at(300),
  lastFailure: null,
};

const subscription: StatusAnswer['subscriptions'][number] = {
  name: 'okq8-payments',
  authority: 'arm',
  apis: ['payments', 'invoices'],
  key,
  rotation,
  rotationProblem: null,
};

export const status: StatusAnswer = {
  generatedOn: now,
  operator: { mayWrite: true },
  instance: { name: '7c1f2a3b', startedOn: at(-hour * 3) },
  configuration: {
    source: 'file',
    version: 'f00dfeedf00dfeed',
    loadedOn: at(-hour * 3),
    lastFailure: null,
    problems: [],
  },
  readiness: {
    ready: true,
    signingKeys: true,
    apis: [
      { name: 'core', ready: true },
      { name: 'payments', ready: true },
      { name: 'invoices', ready: true },
    ],
  },
  subscriptions: [{ ...subscription, name: 'okq8-core', apis: ['core'], rotation: null }, subscription],
  clients: [
    {
      name: 'okq8',
      tenantId: 'a53d724c-15ea-4469-a987-82a5b30ec167',
      credential: 'secret',
      secret: { expiresOn: at(200 * day), daysLeft: 200, lastFailure: null },
      tokens: [
        {
          scope: 'api://apim-okq8-payments-api/.default',
          fingerprint: 'CCCCCCCCCCCC',
          refreshOn: at(1_500),
          usableUntil: at(3_300),
          lastFailure: null,
        },
      ],
    },
  ],
  callers: [
    { name: 'billing', apis: ['core', 'payments'], handOuts: { allowed: 12, refused: 1, failed: 0 }, lastOn: at(-4) },
    { name: 'reporting', apis: ['core'], handOuts: { allowed: 0, refused: 0, failed: 0 }, lastOn: null },
  ],
  figures: {
    intervalSeconds: 60,
    handOuts: [4, 8],
    refusals: [0, 1],
    cacheHits: [6, 12],
    cacheMisses: [2, 0],
    upstreamLoads: [2, 0],
    upstreamFailures: [0, 0],
  },
};

/** The same with something else in its second subscription. */
export function withRotation(changes: Partial<RotationView>): StatusAnswer {
  return withSubscription({ rotation: { ...rotation, ...changes } });
}

export function withSubscription(changes: Partial<typeof subscription>): StatusAnswer {
  return { ...status, subscriptions: status.subscriptions.map((one) => (one.rotation ? { ...one, ...changes } : one)) };
}

export function withClient(changes: Partial<StatusAnswer['clients'][number]>): StatusAnswer {
  return { ...status, clients: status.clients.map((one) => ({ ...one, ...changes })) };
}

export const rotationSeen: RotationAnswer = {
  subscription: 'okq8-payments',
  rotation,
  problem: null,
  history: [
    {
      on: at(-3 * day),
      from: 'publishing-primary',
      to: 'draining-secondary',
      event: 'switched',
      generation: 4,
      by: '7c1f2a3b',
      statedReason: null,
    },
  ],
};

export const steered: SteeringAnswer = {
  subscription: 'okq8-payments',
  command: 'pause',
  replayed: false,
  outage: null,
  rotation: { ...rotation, paused: true },
};

export const audited: AuditAnswer = {
  records: [
    {
      time: at(-4),
      requestId: '00000000-0000-4000-8000-000000000001',
      action: 'headers.hand-out',
      outcome: 'allowed',
      code: null,
      reason: null,
      status: 200,
      caller: 'billing',
      api: 'payments',
      access: '.default',
      key: 'AAAAAAAAAAAA',
      token: 'CCCCCCCCCCCC',
      expiresOn: at(296),
    },
    {
      time: at(-9),
      requestId: '00000000-0000-4000-8000-000000000002',
      action: 'headers.hand-out',
      outcome: 'refused',
      code: 'forbidden',
      reason: 'api-not-allowed',
      status: 403,
      caller: 'billing',
      api: 'loyalty',
    },
  ],
  complete: true,
};

export const examined: DoctorAnswer = {
  examinedOn: now,
  well: 1,
  warnings: 0,
  faults: 1,
  findings: [
    { check: 'settings', subject: 'app settings', verdict: 'well', cause: null, detail: null, remedy: null },
    {
      check: 'secret',
      subject: 'okq8-client-secret',
      verdict: 'fault',
      cause: 'missing-secret',
      detail: 'Key Vault has no secret of that name.',
      remedy: 'Store it.',
    },
    { check: 'client', subject: 'okq8', verdict: 'skipped', cause: null, detail: 'It has no secret.', remedy: null },
  ],
};
