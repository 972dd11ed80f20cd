/**
 * What the broker may cost, counted: nothing here depends on how fast a machine is, or how busy. The tests beside this file hold each figure.
 * A change that is meant is a line of this file, with its reason in the commit's message.
 */

/** Requests to each upstream, lines on the log and timers. What is not named is 0. */
export type Cost = {
  /** Fetches of the tenant's signing keys, by which callers' tokens are verified. */
  readonly signingKeys?: number;
  /** Token requests of the broker's clients at Entra. */
  readonly tokens?: number;
  /** Requests that Key Vault answers with the tenant to ask: one for each secret that is read before the first is answered. */
  readonly vaultChallenges?: number;
  readonly vaultReads?: number;
  readonly vaultWrites?: number;
  /** Tokens of the managed identity. */
  readonly identityTokens?: number;
  readonly storageReads?: number;
  readonly storageWrites?: number;
  readonly management?: number;
  readonly gateway?: number;
  /** On the log, audit records among them. */
  readonly lines?: number;
  readonly auditRecords?: number;
  /** Alarms that are still set when all is answered. */
  readonly timers?: number;
};

/**
 * For an API that takes a key and a token. The sample deployment has 3 keys, and 2 client secrets with 3 scopes; the key of the broker's
 * fingerprints is a secret too.
 */
// prettier-ignore
export const costs = {
  'the first hand-out of a process':           { signingKeys: 1, tokens: 1, vaultChallenges: 3, vaultReads: 3, identityTokens: 1, lines: 1, auditRecords: 1 },
  '100 cold hand-outs at once':                { signingKeys: 1, tokens: 1, vaultChallenges: 3, vaultReads: 3, lines: 100, auditRecords: 100 },
  'a warm hand-out':                           { lines: 1, auditRecords: 1 },
  '100 warm hand-outs at once':                { lines: 100, auditRecords: 100 },
  '100 hand-outs at once, with a refresh due': { tokens: 1, vaultReads: 2, lines: 100, auditRecords: 100 },
  'a caller without a right, cold':            { signingKeys: 1, lines: 1, auditRecords: 1 },
  'a caller without a right, warm':            { lines: 1, auditRecords: 1 },
  'a caller without a token, cold':            { lines: 1, auditRecords: 1 },
  'a warm-up':                                 { signingKeys: 1, tokens: 3, vaultChallenges: 6, vaultReads: 6, lines: 1 },
  'readiness, cold':                           { signingKeys: 1, tokens: 3, vaultChallenges: 6, vaultReads: 6 },
  'readiness, warm':                           {},
  'a tick with nothing due':                   { vaultReads: 3, storageReads: 3, management: 3 },
  'a tick soon after one with nothing due':    { storageReads: 3 },
} as const satisfies Record<string, Cost>;

/**
 * At most, and no more than 5 % over what there is. Bytes are minified; "at import" leaves out what runs when it is first asked for. A worker can tell its host
 * of no function before main.cjs is imported; the broker is loaded while the host makes ready.
 */
// prettier-ignore
export const bundleLimits = {
  'dist/main.cjs':   { bytes: 84_000, bytesAtImport: 83_400, modulesAtImport: 32 },
  'dist/broker.cjs': { bytes: 925_000, bytesAtImport: 912_000, modulesAtImport: 612 },
} as const;

/**
 * Packages of which nothing may be in either bundle: the broker calls these services itself, or they are for development; of semver see
 * `scripts/bundle-options.ts`.
 */
export const notInBundle = [
  '@azure/arm-apimanagement',
  '@azure/data-tables',
  '@azure/storage-blob',
  '@opentelemetry/sdk-metrics',
  '@peculiar/x509',
  'azurite',
  'croner',
  'semver',
  'yaml',
] as const;

/** All that the triggers' bundle has in it of packages. */
export const packagesOfMain = ['@azure/functions', '@azure/functions-extensions-base', 'cookie', 'the broker itself'];

export const builtinsAtImport = {
  'dist/main.cjs': [
    '@azure/functions-core',
    'async_hooks',
    'crypto',
    'events',
    'fs',
    'http',
    'module',
    'net',
    'os',
    'path',
    'url',
    'util',
  ],
  'dist/broker.cjs': [
    'assert',
    'async_hooks',
    'buffer',
    'child_process',
    'crypto',
    'events',
    'fs',
    'fs/promises',
    'http',
    'https',
    'net',
    'os',
    'path',
    'process',
    'stream',
    'tls',
    'tty',
    'url',
    'util',
    'util/types',
    'zlib',
  ],
} as const;
