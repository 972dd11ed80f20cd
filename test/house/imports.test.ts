import { describe, expect, test } from '@jest/globals';
import { rules, secretOpeners } from './rules.ts';
import { parseSource, readSources, type Source } from './source.ts';

const sources = readSources('functions', 'shared', 'cli', 'client');

describe('the rules of the house', () => {
  test('are held against the whole app', () => {
    const paths = sources.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'functions/main.ts',
        'shared/broker.ts',
        'shared/http/serve.ts',
        'cli/main.ts',
        'client/main.ts',
      ]),
    );
    expect(sources.flatMap(({ imports }) => imports).length).toBeGreaterThan(100);
  });

  test.each(rules)('$name', ({ against }) => {
    const found = sources.flatMap((source) => against(source).map((what) => `${source.path}: ${what}`));
    expect(found).toEqual([]);
  });

  test('let no file open secrets that does not', () => {
    const isIdle = ({ path, uses }: Source) =>
      secretOpeners.has(path) && ![...uses].some((use) => use.endsWith('.open'));
    expect(sources.filter(isIdle).map(({ path }) => path)).toEqual([]);
  });
});

/** Which rules a file breaks. */
const brokenBy = (path: string, text: string) =>
  rules.filter(({ against }) => against(parseSource(path, text)).length > 0).map(({ name }) => name);

describe('a file that breaks a rule is caught', () => {
  test.each<[string, string, RegExp]>([
    ['functions/x.ts', "import { a } from '../shared/config/load.ts';", /^functions import/],
    ['functions/x.ts', "import type { A } from '../shared/names.ts';", /^functions import/],
    ['functions/x.ts', "import { z } from 'zod';", /^functions import/],
    ['functions/x.ts', "import './y.ts';", /^functions import/],
    ['functions/x.ts', "import { broker } from '../shared/broker.ts';", /^functions import/],
    ['shared/http/x.ts', "import { a } from '../../local/sample.ts';", /^shared imports nothing/],
    ['shared/x.ts', "export * from '../scripts/build.ts';", /^shared imports nothing/],
    ['shared/x.ts', "import type { A } from '../functions/main.ts';", /^shared imports nothing/],
    ['shared/x.ts', "const a = await import('../local/sample.ts');", /^shared imports nothing/],
    ['shared/x.ts', "import { run } from '../cli/run.ts';", /^shared imports nothing/],
    ['shared/x.ts', "import { a } from '../client/main.ts';", /^shared imports nothing/],
    ['client/x.ts', "import type { A } from '../shared/clock.ts';", /^the client imports/],
    ['client/x.ts', "import { readFile } from 'node:fs/promises';", /^the client imports/],
    ['client/x.ts', "import type { A } from '@azure/identity';", /^the client imports/],
    ['client/x.ts', "import { z } from 'zod';", /^the client imports/],
    ['client/x.ts', 'const a = Date.now();', /reads a clock/],
    ['client/x.ts', 'class A {}', /are classes/],
    ['cli/x.ts', "import { a } from '../client/main.ts';", /^the command line/],
    ['cli/x.ts', "import { a } from '../local/sample.ts';", /^the command line/],
    ['cli/x.ts', "import { a } from '../functions/main.ts';", /^the command line/],
    ['cli/x.ts', "import type { A } from '@azure/identity';", /^the command line/],
    ['cli/connection/sign-in.ts', "import { A } from '@azure/keyvault-secrets';", /^the command line/],
    ['cli/x.ts', "const a = process.env['A'];", /environment/],
    ['cli/x.ts', 'setTimeout(() => {}, 5);', /reads a clock/],
    ['cli/x.ts', 'const a = secret.open();', /opened only/],
    ['cli/x.ts', 'class A {}', /are classes/],
    ['shared/http/x.ts', "import { a } from '../../test/support/manual-clock.ts';", /imports a test/],
    ['shared/callers/x.ts', "import type { A } from '@azure/functions';", /know no Azure/],
    ['shared/credentials/x.ts', "import { A } from '@azure/msal-node';", /know no Azure/],
    ['shared/rotation/x.ts', "const a = require('@azure/identity');", /know no Azure/],
    ['shared/rotation/x.ts', "type A = import('@azure/identity').AccessToken;", /know no Azure/],
    ['shared/callers/x.ts', "import { a } from '../credentials/keys.ts';", /neither one another/],
    ['shared/credentials/x.ts', "import type { A } from '../callers/ports.ts';", /neither one another/],
    ['shared/rotation/deep/x.ts', "import type { A } from '../../callers/ports.ts';", /neither one another/],
    ['shared/credentials/x.ts', "import type { A } from '../config/config.ts';", /neither one another/],
    ['shared/rotation/x.ts', "import { a } from '../azure/entra.ts';", /neither one another/],
    ['shared/rotation/x.ts', "import { a } from '../broker.ts';", /neither one another/],
    ['shared/config/x.ts', "import { a } from '../rotation/terms.ts';", /^config knows nothing/],
    ['shared/config/x.ts', "import type { A } from '../rotation/policy.ts';", /^config knows nothing/],
    ['shared/config/x.ts', "import type { A } from '../credentials/ports.ts';", /^config knows nothing/],
    ['shared/config/x.ts', "import type { A } from '../broker-rotation.ts';", /^config knows nothing/],
    ['shared/azure/x.ts', "import type { A } from '../credentials/keys.ts';", /^azure knows/],
    ['shared/azure/x.ts', "import { a } from '../credentials/ports.ts';", /^azure knows/],
    ['shared/http/x.ts', "import { app } from '@azure/functions';", /^Azure’s libraries/],
    ['shared/http/x.ts', "import { app, type HttpRequest } from '@azure/functions';", /^Azure’s libraries/],
    ['shared/http/x.ts', "import type { A } from '@azure/identity';", /^Azure’s libraries/],
    ['shared/broker.ts', "import { app } from '@azure/functions';", /^Azure’s libraries/],
    ['shared/broker.ts', "import type { A } from '@azure/identity';", /^Azure’s libraries/],
    ['shared/broker-rotation.ts', "import { A } from '@azure/identity';", /^Azure’s libraries/],
    ['shared/broker-rotation.ts', "import type { A } from '@azure/data-tables';", /^Azure’s libraries/],
    ['shared/supply.ts', "import type { A } from '@azure/identity';", /^Azure’s libraries/],
    ['shared/telemetry/x.ts', "import type { A } from '@azure/functions';", /^Azure’s libraries/],
    ['shared/clock.ts', "import type { A } from './config/config.ts';", /common ground/],
    ['shared/x.ts', "export { a } from './http/serve.ts';", /common ground/],
    ['shared/http/x.ts', "import { broker } from '../broker.ts';", /imports the composition root/],
    ['shared/http/x.ts', "import { createSupply } from '../supply.ts';", /imports the composition root/],
    ['shared/azure/x.ts', "import type { A } from '../broker-rotation.ts';", /imports the composition root/],
    ['shared/rotation/x.ts', "import type { A } from '../broker-rotation.ts';", /neither one another/],
    ['shared/supply.ts', "import { createPolicy } from './callers/policy.ts';", /^only the broker constructs/],
    ['shared/http/x.ts', "export * from '../callers/policy.ts';", /^only the broker constructs/],
    ['shared/http/x.ts', "import { createPolicy } from '../callers/policy.ts';", /^only the broker constructs/],
    ['shared/http/x.ts', "import { createPolicy as p } from '../callers/policy.ts';", /^only the broker constructs/],
    ['shared/http/x.ts', "import * as p from '../callers/policy.ts';", /^only the broker constructs/],
    ['shared/config/x.ts', "export { createKeys } from '../credentials/keys.ts';", /^only the broker constructs/],
    ['shared/http/x.ts', "const a = process.env['A'];", /environment/],
    ['shared/http/x.ts', "const a = process['env'];", /environment/],
    ['shared/http/x.ts', 'const { env } = process;', /environment/],
    ['shared/http/x.ts', 'const a = globalThis.process.env;', /environment/],
    ['functions/x.ts', "import { env } from 'node:process';", /environment/],
    ['shared/broker.ts', 'const a = { ...process.env };', /environment/],
    ['shared/http/x.ts', 'const a = Date.now();', /reads a clock/],
    ['shared/http/x.ts', 'const a = new Date();', /reads a clock/],
    ['shared/http/x.ts', 'const a = new Date;', /reads a clock/],
    ['shared/http/x.ts', 'const a = Date();', /reads a clock/],
    ['shared/http/x.ts', 'const now = Date.now;', /reads a clock/],
    ['shared/http/x.ts', 'const a = performance.now();', /reads a clock/],
    ['shared/http/x.ts', 'setTimeout(() => {}, 5);', /reads a clock/],
    ['shared/http/x.ts', 'const t = globalThis.setInterval;', /reads a clock/],
    ['shared/http/x.ts', 'const s = AbortSignal.timeout(5);', /reads a clock/],
    ['shared/http/x.ts', "import { setTimeout as wait } from 'node:timers/promises';", /reads a clock/],
    ['shared/http/x.ts', "import { performance } from 'node:perf_hooks';", /reads a clock/],
    ['shared/telemetry/x.ts', 'const a = secret.open();', /opened only/],
    ['shared/http/x.ts', "const a = secret['open']();", /opened only/],
    ['shared/http/x.ts', 'const a = answer.value.secret.open();', /opened only/],
    ['shared/http/x.ts', 'const a = secret?.open();', /opened only/],
    ['shared/http/x.ts', 'const { open } = secret;', /opened only/],
    ['shared/http/x.ts', 'class A {}', /are classes/],
    ['shared/http/x.ts', 'const A = class {};', /are classes/],
    ['shared/http/x.ts', 'const a = b as unknown as C;', /by way of unknown/],
    ['shared/http/x.ts', 'const a = await import(name);', /not written down/],
  ])('%s with: %s', (path, text, rule) => {
    expect(brokenBy(path, text)).toContainEqual(expect.stringMatching(rule));
  });
});

describe('a file that keeps the rules is left alone', () => {
  test.each([
    [
      'functions/x.ts',
      "import { app } from '@azure/functions'; import { withBroker } from '../shared/broker-loading.ts';",
    ],
    ['functions/main.ts', "import './x.ts';"],
    ['shared/callers/x.ts', "import { importJWK } from 'jose'; import type { Clock } from '../clock.ts';"],
    ['shared/callers/x.ts', "import { createRefreshing } from '../refreshing.ts'; import { a } from './claims.ts';"],
    ['shared/callers/x.ts', "import { createPolicy } from './policy.ts'; // process.env, Date.now()"],
    ['shared/callers/x.ts', "const a = 'process.env'; const b = new Date(0); const c = Date.parse('x');"],
    ['shared/rotation/x.ts', "import type { Log } from '../telemetry/log.ts';"],
    ['shared/azure/x.ts', "import { A } from '@azure/identity'; import type { B } from '../callers/ports.ts';"],
    ['shared/http/x.ts', "import type { HttpRequest } from '@azure/functions';"],
    ['shared/http/x.ts', "import { type HttpRequest } from '@azure/functions';"],
    ['shared/http/x.ts', "import type { createPolicy } from '../callers/policy.ts';"],
    ['shared/config/x.ts', "const a = process.env['A'];"],
    ['shared/errors.ts', 'export class A extends Error {}'],
    ['client/error.ts', 'export class A extends Error {}'],
    ['client/clock.ts', 'const a = Date.now(); setTimeout(() => {}, 5);'],
    ['client/x.ts', "import { a } from './clock.ts';"],
    ['shared/config/x.ts', 'const a = b as unknown; const c = b as readonly string[] as readonly D[];'],
    ['shared/clock.ts', 'const a = Date.now(); setTimeout(() => {}, 5);'],
    ['shared/broker.ts', "import { createPolicy } from './callers/policy.ts';"],
    ['shared/broker-rotation.ts', "import { createTick } from './rotation/tick.ts';"],
    ['shared/broker-rotation.ts', "import type { TokenCredential } from '@azure/identity';"],
    ['shared/config/x.ts', "import type { Guid } from '../names.ts'; import { a } from './member.ts';"],
    ['shared/credentials/tokens.ts', 'const a = secret.open();'],
    ['shared/azure/manual-authority.ts', 'const a = secret.open();'],
  ])('%s with: %s', (path, text) => {
    expect(brokenBy(path, text)).toEqual([]);
  });
});
