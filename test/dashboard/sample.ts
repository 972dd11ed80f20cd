import type { RotationAnswer, RotationView, SteeringAnswer } from '../../shared/http/contract/rotation.ts';
import type { StatusAnswer } from '../../shared/http/contract/status.ts';

/** What the broker could answer, with what a test is about changed. Times are told from the moment at which the sample is made. */

export type Subscription = StatusAnswer['subscriptions'][number];
export type Client = StatusAnswer['clients'][number];

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];

/** The nine states, in their order. */
export const states = [
  'idle',
  'regenerating-secondary',
  'settling-secondary',
  'publishing-secondary',
  'draining-primary',
  'regenerating-primary',
  'settling-primary',
  'publishing-primary',
  'draining-secondary',
] as const;
export type State = (typeof states)[number];

/** A moment, so many milliseconds from now. */
export function inMs(ms: number, now = Date.now()): string {
  return new Date(now + ms).toISOString();
}

/** How long each state takes in the sample. */
const lengths = [12 * day, minute, 13 * minute, minute, 6 * hour, minute, 13 * minute, minute, 6 * hour];

function planFrom(state: State, now: number): RotationView['plan'] {
  const position = states.indexOf(state);
  let at = now;
  const ahead = [...states.slice(position + 1), 'idle'].map((name, index) => {
    at += lengths[position + index] ?? 0;
    return { state: name, notBefore: inMs(0, at) };
  });
  return [{ state, notBefore: inMs(0, now) }, ...ahead];
}

export function sampleRotation(
  state: State = 'idle',
  changes: Partial<RotationView> = {},
  now = Date.now(),
): RotationView {
  const position = states.indexOf(state);
  const isSecondary = position >= 4 && position < 8;
  const isDraining = state.startsWith('draining-');
  return {
    state,
    generation: 14 + (position >= 4 ? 1 : 0) + (position >= 8 ? 1 : 0),
    activeSlot: isSecondary ? 'secondary' : 'primary',
    primary: { fingerprint: 'm2cXp_9sLqTz', promisedUntil: inMs(isSecondary ? 22 * minute : 5 * hour, now) },
    secondary: { fingerprint: 'Vw4kEo1-hYdA', promisedUntil: isSecondary ? inMs(5 * hour, now) : null },
    switchedOn: inMs(isDraining ? -40 * minute : -18 * day, now),
    drainedOn: isDraining ? inMs(6 * hour, now) : null,
    dueOn: inMs(state === 'idle' ? 12 * day : -13 * minute, now),
    paused: false,
    compromised: null,
    waitsForPerson: false,
    overdue: false,
    lastFailure: null,
    plan: planFrom(state, now),
    ...changes,
  };
}

export function sampleSubscription(
  name: string,
  rotation: RotationView | null = sampleRotation(),
  changes: Partial<Subscription> = {},
  now = Date.now(),
): Subscription {
  return {
    name,
    authority: rotation ? 'arm' : null,
    apis: [name.replace(/^[^-]*-/, '')],
    key: {
      fingerprint: 'm2cXp_9sLqTz',
      generation: 14,
      slot: 'primary',
      safeUntil: inMs(5 * hour, now),
      readOn: inMs(-2 * minute, now),
      usableUntil: inMs(5 * hour, now),
      lastFailure: null,
    },
    rotation,
    rotationProblem: null,
    ...changes,
  };
}

export function sampleClient(name: string, changes: Partial<Client> = {}, now = Date.now()): Client {
  return {
    name,
    tenantId: 'a53d724c-15ea-4469-a987-82a5b30ec167',
    credential: 'secret',
    secret: { expiresOn: inMs(212.5 * day, now), daysLeft: 212, lastFailure: null },
    tokens: [
      {
        scope: `api://apim-${name}-api/.default`,
        fingerprint: 'q8TzR3bYw0Ls',
        refreshOn: inMs(18 * minute, now),
        usableUntil: inMs(48 * minute, now),
        lastFailure: null,
      },
    ],
    ...changes,
  };
}

/** Counts that look like a day's. */
function wave(most: number): number[] {
  return Array.from({ length: 60 }, (_, index) =>
    Math.round(most * (0.55 + 0.45 * Math.sin(index / 7)) * (index % 9 === 0 ? 0.7 : 1)),
  );
}

export function sampleStatus(changes: Partial<StatusAnswer> = {}, now = Date.now()): StatusAnswer {
  return {
    generatedOn: inMs(0, now),
    operator: { mayWrite: true },
    instance: { name: '4f1b0c6d2a', startedOn: inMs(-9 * hour, now) },
    configuration: {
      source: 'file',
      version: '9f3ac1d07be2',
      loadedOn: inMs(-9 * hour, now),
      lastFailure: null,
      problems: [],
    },
    readiness: {
      ready: true,
      signingKeys: true,
      apis: ['core', 'payments', 'invoices', 'loyalty'].map((name) => ({ name, ready: true })),
    },
    subscriptions: [
      sampleSubscription('okq8-core', sampleRotation('draining-primary', {}, now), {}, now),
      sampleSubscription('okq8-payments', sampleRotation('idle', {}, now), { apis: ['payments', 'invoices'] }, now),
      sampleSubscription('partner-loyalty', null, {}, now),
    ],
    clients: [sampleClient('okq8', {}, now), sampleClient('partner', {}, now)],
    callers: [
      {
        name: 'billing',
        apis: ['core', 'payments'],
        handOuts: { allowed: 18_204, refused: 0, failed: 0 },
        lastOn: inMs(-3_000, now),
      },
      {
        name: 'reporting',
        apis: ['core'],
        handOuts: { allowed: 911, refused: 12, failed: 0 },
        lastOn: inMs(-4 * minute, now),
      },
      {
        name: 'bookkeeping',
        apis: ['payments', 'invoices', 'loyalty'],
        handOuts: { allowed: 0, refused: 0, failed: 0 },
        lastOn: null,
      },
    ],
    figures: {
      intervalSeconds: 60,
      handOuts: wave(320),
      refusals: wave(0).map((_, index) => (index % 17 === 0 ? 2 : 0)),
      cacheHits: wave(610),
      cacheMisses: wave(0).map((_, index) => (index % 29 === 0 ? 3 : 0)),
      upstreamLoads: wave(4),
      upstreamFailures: wave(0),
    },
    ...changes,
  };
}

export function sampleHistory(state: State = 'idle', now = Date.now()): RotationAnswer['history'] {
  const entry = (ago: number, from: string, to: string, event: string, more: object = {}) => ({
    on: inMs(-ago, now),
    from,
    to,
    event,
    generation: 14,
    by: '4f1b0c6d2a',
    statedReason: null,
    ...more,
  });
  const passed = states.slice(0, states.indexOf(state) + 1).toReversed();
  return [
    ...passed
      .slice(0, -1)
      .map((to, index) =>
        entry(
          (index + 1) * 41 * minute,
          passed[index + 1] ?? 'idle',
          to,
          to.startsWith('draining') ? 'switched' : 'entered',
        ),
      ),
    entry(18 * day, 'draining-secondary', 'idle', 'entered'),
    entry(19 * day, 'idle', 'idle', 'asked-to-start', {
      by: '033e5408-6f75-40c0-a6a1-e15b0cd2f852',
      statedReason: 'Quarterly exercise, change 4711',
    }),
  ];
}

export function sampleSteering(
  command: SteeringAnswer['command'],
  changes: Partial<SteeringAnswer> = {},
): SteeringAnswer {
  return {
    subscription: 'okq8-core',
    command,
    replayed: false,
    outage: null,
    rotation: sampleRotation('draining-primary'),
    ...changes,
  };
}

/** A bad night. */
export function sampleTrouble(now = Date.now()): StatusAnswer {
  const failure = (reason: string, times: number, ago: number) => ({ on: inMs(-ago, now), reason, times });
  return sampleStatus(
    {
      readiness: {
        ready: true,
        signingKeys: true,
        apis: [
          { name: 'core', ready: true },
          { name: 'payments', ready: true },
          { name: 'invoices', ready: true },
          { name: 'loyalty', ready: false },
        ],
      },
      configuration: {
        source: 'blob',
        version: '9f3ac1d07be2',
        loadedOn: inMs(-9 * hour, now),
        lastFailure: failure('misconfigured', 1, 20 * minute),
        problems: [
          'apis.invoices.subscription: is not the name of a subscription. Use one of okq8-core, okq8-payments.',
        ],
      },
      subscriptions: [
        sampleSubscription(
          'okq8-core',
          sampleRotation(
            'settling-secondary',
            { overdue: true, lastFailure: failure('gateway-unknown', 48, 20_000) },
            now,
          ),
          {},
          now,
        ),
        sampleSubscription(
          'okq8-payments',
          sampleRotation('idle', { paused: true }, now),
          {
            apis: ['payments', 'invoices'],
            key: {
              fingerprint: 'm2cXp_9sLqTz',
              generation: 14,
              slot: 'primary',
              safeUntil: inMs(50 * minute, now),
              readOn: inMs(-5 * hour, now),
              usableUntil: inMs(50 * minute, now),
              lastFailure: failure('vault-unavailable', 7, 30_000),
            },
          },
          now,
        ),
        sampleSubscription('partner-loyalty', null, { authority: 'arm', rotationProblem: 'record-corrupt' }, now),
      ],
      clients: [
        sampleClient('okq8', { secret: { expiresOn: inMs(5.2 * day, now), daysLeft: 5, lastFailure: null } }, now),
        sampleClient(
          'partner',
          {
            secret: { expiresOn: inMs(44 * day, now), daysLeft: 44, lastFailure: null },
            tokens: [
              {
                scope: 'api://apim-partner-loyalty-api/.default',
                fingerprint: null,
                refreshOn: null,
                usableUntil: null,
                lastFailure: failure('entra-secret-wrong', 31, 12_000),
              },
            ],
          },
          now,
        ),
      ],
    },
    now,
  );
}
