import type { Import, Source } from './source.ts';

/** A rule of the house, and what in a file is against it. */
export type Rule = { readonly name: string; readonly against: (source: Source) => string[] };

const isIn = (path: string, folder: string) => path.startsWith(`${folder}/`);
const isAzure = ({ from }: Import) => from.startsWith('@azure/');
const isOwn = ({ from }: Import) => /^(functions|shared|local|test|scripts|client|bench|infra|cli)\//.test(from);
/** `shared/http` of `shared/http/serve.ts`; `shared` of `shared/clock.ts`. */
const folderOf = (path: string) => path.split('/').slice(0, -1).slice(0, 2).join('/');
const fromsOf = (imports: readonly Import[]) => imports.map(({ from }) => from);
const importsThat = (source: Source, isAgainst: (found: Import) => boolean) =>
  fromsOf(source.imports.filter(isAgainst));
const usesThat = ({ uses }: Source, isAgainst: (use: string) => boolean) => [...uses].filter(isAgainst);

/** They know neither Azure nor one another, and state what they need as types. */
const cores = new Set(['shared/callers', 'shared/credentials', 'shared/rotation']);
/** They put the parts together, and know them all. */
const compositionRoot = new Set([
  'shared/broker.ts',
  'shared/broker-audit.ts',
  'shared/broker-call.ts',
  'shared/broker-callers.ts',
  'shared/broker-credentials.ts',
  'shared/broker-doctor.ts',
  'shared/broker-operations.ts',
  'shared/broker-live.ts',
  'shared/broker-loading.ts',
  'shared/broker-rejections.ts',
  'shared/broker-rotation.ts',
  'shared/broker-sidecar.ts',
  'shared/broker-telemetry.ts',
  'shared/broker-worker.ts',
  'shared/supply.ts',
]);
/** Those of them that construct the parts. */
const constructors = new Set(Array.from(compositionRoot).filter((path) => path !== 'shared/supply.ts'));

/** The library whose types a part of the composition root may name. */
const typesKnown = new Map([
  ['shared/broker.ts', '@azure/functions'],
  ['shared/broker-rotation.ts', '@azure/identity'],
  ['shared/broker-doctor.ts', '@azure/identity'],
]);

/** What a trigger makes of an answer, with a class of @azure/functions. */
const formOfAnswers = 'shared/http/whole-response.ts';

/** Where a header or a request body is built, or a secret checked, compared or fingerprinted without leaving. */
const mayOpenSecrets = new Set([
  'cli/connection/request.ts',
  'shared/azure/api-call.ts',
  'shared/azure/entra.ts',
  'shared/certificate.ts',
  'shared/azure/gateway-call.ts',
  'shared/azure/gateway-probe.ts',
  'shared/azure/key-publisher.ts',
  'shared/azure/manual-authority.ts',
  'shared/azure/portal-session.ts',
  'shared/azure/token-facts.ts',
  'shared/credentials/client-secret.ts',
  'shared/credentials/fingerprint.ts',
  'shared/credentials/keys.ts',
  'shared/credentials/tokens.ts',
  'shared/doctor/secret-form.ts',
  'shared/http/headers.ts',
]);

const mayBeClasses = new Set([
  'client/error.ts',
  'shared/errors.ts',
  'shared/secret.ts',
  'shared/config/problem.ts',
  'cli/failure.ts',
]);

/** The process as the command line sees it: its environment, its streams, its clock. */
const processOfCli = 'cli/process.ts';
/** Where what nobody catches is told. */
const endOfProcess = 'shared/telemetry/uncaught.ts';
const signInOfCli = 'cli/connection/sign-in.ts';

/** An invocation's log is made of its context, which the composition root never sees. */
const madeForEachInvocation = new Set(['createLog']);

const timeNames = new Set(['performance', 'setTimeout', 'setInterval', 'setImmediate', 'Temporal']);
const timeUses = new Set(['Date.now', 'new Date()', 'Date()', 'AbortSignal.timeout']);
const timeModules = /^(node:)?(timers(\/promises)?|perf_hooks)$/;

export const rules: readonly Rule[] = [
  {
    name: 'functions import what loads the broker, @azure/functions and the form of its answers alone; main.ts imports the triggers',
    against: (source) => {
      if (!isIn(source.path, 'functions')) return [];
      const allowed = new Set(['shared/broker-loading.ts', '@azure/functions', formOfAnswers]);
      const isTrigger = ({ from }: Import) => source.path === 'functions/main.ts' && isIn(from, 'functions');
      return importsThat(source, (found) => !allowed.has(found.from) && !isTrigger(found));
    },
  },
  {
    name: 'shared imports nothing of functions, local, test, scripts, client, bench or cli',
    against: (source) =>
      isIn(source.path, 'shared') ? importsThat(source, (found) => isOwn(found) && !isIn(found.from, 'shared')) : [],
  },
  {
    name: 'the command line imports shared and itself alone; signing in calls @azure/identity',
    against: (source) =>
      isIn(source.path, 'cli')
        ? importsThat(
            source,
            (found) =>
              (isOwn(found) && !isIn(found.from, 'shared') && !isIn(found.from, 'cli')) ||
              (isAzure(found) && !(source.path === signInOfCli && found.from === '@azure/identity')),
          )
        : [],
  },
  {
    name: 'the client imports itself alone',
    against: (source) => (isIn(source.path, 'client') ? importsThat(source, ({ from }) => !isIn(from, 'client')) : []),
  },
  {
    name: 'nothing but a test imports a test',
    against: (source) => importsThat(source, ({ from }) => isIn(from, 'test')),
  },
  {
    name: 'callers, credentials and rotation know no Azure',
    against: (source) => (cores.has(folderOf(source.path)) ? importsThat(source, isAzure) : []),
  },
  {
    name: 'callers, credentials and rotation know neither one another nor what is built around them',
    against: (source) => {
      const own = folderOf(source.path);
      if (!cores.has(own)) return [];
      const mayKnow = new Set([own, 'shared', 'shared/telemetry']);
      return importsThat(
        source,
        (found) => isOwn(found) && (!mayKnow.has(folderOf(found.from)) || compositionRoot.has(found.from)),
      );
    },
  },
  {
    name: 'config knows nothing of what it configures',
    against: (source) =>
      isIn(source.path, 'shared/config')
        ? importsThat(
            source,
            (found) =>
              isOwn(found) &&
              (!['shared', 'shared/config'].includes(folderOf(found.from)) || compositionRoot.has(found.from)),
          )
        : [],
  },
  {
    name: 'azure knows of callers, credentials and rotation what they need, as types',
    against: (source) =>
      isIn(source.path, 'shared/azure')
        ? importsThat(
            source,
            ({ from, typeOnly }) => cores.has(folderOf(from)) && !(typeOnly && from.endsWith('/ports.ts')),
          )
        : [],
  },
  {
    name: 'Azure’s libraries are called in shared/azure and functions; http and the broker know the types of @azure/functions, and what hands the identity on those of @azure/identity',
    against: (source) => {
      if (['shared/azure', 'functions', 'cli'].some((folder) => isIn(source.path, folder))) return [];
      if (source.path === formOfAnswers)
        return importsThat(source, (found) => isAzure(found) && found.from !== '@azure/functions');
      const known = isIn(source.path, 'shared/http') ? '@azure/functions' : typesKnown.get(source.path);
      return importsThat(source, (found) => isAzure(found) && !(found.typeOnly && found.from === known));
    },
  },
  {
    name: 'what stands in shared itself is common ground and leans on no folder; the composition root alone knows them all',
    against: (source) =>
      folderOf(source.path) === 'shared' && !compositionRoot.has(source.path)
        ? importsThat(source, (found) => isOwn(found) && folderOf(found.from) !== 'shared')
        : [],
  },
  {
    name: 'nothing that is put together imports the composition root',
    against: (source) =>
      isIn(source.path, 'shared') && !compositionRoot.has(source.path)
        ? importsThat(source, ({ from }) => compositionRoot.has(from))
        : [],
  },
  {
    name: 'only the broker constructs what another folder offers',
    against: (source) => {
      if (constructors.has(source.path) || !isIn(source.path, 'shared')) return [];
      const others = source.imports.filter(
        ({ from, typeOnly }) =>
          !typeOnly && isIn(from, 'shared') && ![folderOf(source.path), 'shared'].includes(folderOf(from)),
      );
      return others.flatMap(({ names }) =>
        names.filter((name) => /^(create[A-Z]|\*)/.test(name) && !madeForEachInvocation.has(name)),
      );
    },
  },
  {
    name: 'only shared/config, and one file of the command line, reads the process’s environment; one more hears of its end',
    against: (source) => {
      if (isIn(source.path, 'shared/config') || [processOfCli, endOfProcess].includes(source.path)) return [];
      const modules = importsThat(source, ({ from }) => /^(node:)?process$/.test(from));
      return [...modules, ...usesThat(source, (use) => use === 'process' || use.endsWith('.process'))];
    },
  },
  {
    name: 'only shared/clock.ts, and one file of the client and of the command line, reads a clock or sets a timer',
    against: (source) => {
      if (['shared/clock.ts', 'client/clock.ts', processOfCli].includes(source.path)) return [];
      const modules = importsThat(source, ({ from, typeOnly }) => timeModules.test(from) && !typeOnly);
      return [...modules, ...usesThat(source, (use) => timeUses.has(use) || timeNames.has(use))];
    },
  },
  {
    name: 'a secret is opened only where a header or a request body is built',
    against: (source) => (mayOpenSecrets.has(source.path) ? [] : usesThat(source, (use) => use.endsWith('.open'))),
  },
  {
    name: 'only errors and the secret are classes',
    against: (source) => (mayBeClasses.has(source.path) ? [] : usesThat(source, (use) => use === 'class')),
  },
  {
    name: 'no type is forced upon a value by way of unknown',
    against: (source) => usesThat(source, (use) => use === 'as unknown as'),
  },
  {
    name: 'no module is imported whose name is not written down',
    against: (source) => importsThat(source, ({ from }) => from === '(computed)'),
  },
];

export const secretOpeners: ReadonlySet<string> = mayOpenSecrets;
