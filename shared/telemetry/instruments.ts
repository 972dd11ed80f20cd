/** One instrument, as `docs/metrics.md` lists it. */
export type Instrument = {
  readonly name: string;
  readonly kind: 'counter' | 'histogram' | 'gauge';
  /** As the Unified Code for Units of Measure writes it. */
  readonly unit: string;
  readonly description: string;
  readonly attributes: readonly Attribute[];
};

/** What the API is told of one. */
export function optionsOf({ unit, description }: Instrument) {
  return { unit, description };
}

/** Every attribute that a measurement may have, and what its values are. All are bounded by the configuration. */
export const attributes = {
  'token_broker.action': 'what was asked for, as the audit record has it',
  'token_broker.outcome': '`allowed`, `refused`, or `failed`: allowed, and not to be had',
  'token_broker.caller': 'a caller’s name in the configuration; absent for whoever is none of them',
  'token_broker.api': 'an API’s name in the configuration; absent where the request did not get that far',
  'token_broker.cache.result': '`hit`: it was there; `miss`: it had to be waited for, or was not to be had',
  'token_broker.credential.kind':
    '`token`, `key`, `client-secret`, `signing-keys`, `identity`, `fingerprint-key` or `portal`',
  'token_broker.credential.name': 'a client’s or a subscription’s name in the configuration; absent where there is one',
  'token_broker.credential.scope': 'what a token is for',
  'token_broker.subscription': 'a subscription’s name in the configuration',
  'token_broker.rotation.state': '`idle`, or a phase and its slot: `settling-secondary`',
  'token_broker.rotation.step': 'what a tick came to: a step of the machine, or `failed`',
  'error.type': 'a code of `docs/problems.md`, or a reason; absent for success',
} as const;
type Attribute = keyof typeof attributes;

/** What is measured. Names are for dashboards and alerts: one that goes, or means something else, is a breaking change. */
export const instruments = {
  handOuts: {
    name: 'token_broker.hand_outs',
    kind: 'counter',
    unit: '{hand_out}',
    description: 'Decisions on requests for a header set.',
    attributes: ['token_broker.outcome', 'token_broker.caller', 'token_broker.api', 'error.type'],
  },
  requestDuration: {
    name: 'token_broker.request.duration',
    kind: 'histogram',
    unit: 's',
    description: 'From a request’s arrival to its audit record.',
    attributes: ['token_broker.action', 'token_broker.outcome'],
  },
  cacheRequests: {
    name: 'token_broker.cache.requests',
    kind: 'counter',
    unit: '{request}',
    description: 'How often a token or a key was asked for.',
    attributes: ['token_broker.credential.kind', 'token_broker.cache.result'],
  },
  loadDuration: {
    name: 'token_broker.load.duration',
    kind: 'histogram',
    unit: 's',
    description: 'How long an upstream took to answer, or not to: a token acquired, a key or a secret read.',
    attributes: ['token_broker.credential.kind', 'error.type'],
  },
  signingKeyFetches: {
    name: 'token_broker.signing_keys.fetches',
    kind: 'counter',
    unit: '{fetch}',
    description: 'How often the tenant’s signing keys (JWKS) were fetched.',
    attributes: ['error.type'],
  },
  credentialAge: {
    name: 'token_broker.credential.age',
    kind: 'gauge',
    unit: 's',
    description: 'Since this instance last loaded it.',
    attributes: ['token_broker.credential.kind', 'token_broker.credential.name', 'token_broker.credential.scope'],
  },
  credentialRemainingLife: {
    name: 'token_broker.credential.remaining_life',
    kind: 'gauge',
    unit: 's',
    description:
      'How long this instance may go on handing a token or a key out without loading it again, 0 when it may not; of a client secret, until it expires as Key Vault says, below 0 since then.',
    attributes: ['token_broker.credential.kind', 'token_broker.credential.name', 'token_broker.credential.scope'],
  },
  rotationSteps: {
    name: 'token_broker.rotation.steps',
    kind: 'counter',
    unit: '{step}',
    description: 'What ticks came to: one for each tick and subscription.',
    attributes: ['token_broker.subscription', 'token_broker.rotation.step'],
  },
  rotationFailures: {
    name: 'token_broker.rotation.failures',
    kind: 'counter',
    unit: '{failure}',
    description: 'Steps that could not be taken, or that somebody should know of.',
    attributes: ['token_broker.subscription', 'error.type'],
  },
  rotationState: {
    name: 'token_broker.rotation.state',
    kind: 'gauge',
    unit: '1',
    description: '1 for the state that the rotation is in, 0 for those that it was in.',
    attributes: ['token_broker.subscription', 'token_broker.rotation.state'],
  },
  rotationGeneration: {
    name: 'token_broker.rotation.generation',
    kind: 'gauge',
    unit: '{publish}',
    description: 'How often a key of the subscription was published.',
    attributes: ['token_broker.subscription'],
  },
  rotationKeyAge: {
    name: 'token_broker.rotation.key.age',
    kind: 'gauge',
    unit: 's',
    description: 'Since the active key was published.',
    attributes: ['token_broker.subscription'],
  },
  rotationOverdue: {
    name: 'token_broker.rotation.overdue',
    kind: 'gauge',
    unit: 's',
    description:
      'How long a cycle should have started, and has not: 0 unless it is due, not paused and within its windows.',
    attributes: ['token_broker.subscription'],
  },
  keyRefusals: {
    name: 'token_broker.key.refused',
    kind: 'counter',
    unit: '{refusal}',
    description: 'How often a gateway was found to refuse the published key, after a caller’s report.',
    attributes: ['token_broker.subscription'],
  },
  auditFailures: {
    name: 'token_broker.audit.failures',
    kind: 'counter',
    unit: '{record}',
    description: 'Audit records that could not be written.',
    attributes: [],
  },
} as const satisfies Record<string, Instrument>;
