import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { callers } from '../../local/sample.ts';
import { createRecordTampering } from '../support/record-tampering.ts';
import { names, serveAzureCommands, type AzureCommands } from './azure-commands.ts';
import type { Block, Page } from './page.ts';
import { openScene, writeCommands, type Scene } from './scene.ts';

/** What a block is to come to. */
type Expectation = {
  code: number;
  shows: string[];
  /** Whether it is run again until it does. */
  isRepeated: boolean;
  input: string;
};

/** For how long a block is run that is to come to something in the end. The configuration is looked at every 30 s. */
const limitMs = 90_000;

const beforeTheStart = /<!-- walk: before the broker starts, POST (\/\S+) (\{.*\}) -->/g;

/** Walks through a page, from a stack on which all is well to the last block. Throws where something is not as the page says. */
export async function walk(page: Page): Promise<void> {
  const scene = await openScene(async (steer) => {
    for (const [, path = '', body = ''] of page.text.matchAll(beforeTheStart)) {
      await steer(path, JSON.parse(body) as object);
    }
  });
  let azure: AzureCommands | undefined;
  try {
    azure = await serveAzureCommands(scene);
    const bin = await writeCommands(scene.directory, scene.stack.ready().control);
    const environment = new Map(
      Object.entries({
        ...names,
        PATH: `${bin}:${process.env['PATH'] ?? ''}`,
        HOME: scene.directory,
        BROKER_URL: scene.broker.url,
        AZ_STAND_IN: azure.url,
        NO_COLOR: '1',
      }),
    );
    const walker = createWalker(scene, azure, environment);
    for (const block of page.blocks) await walker(block);
  } catch (error) {
    const log = scene.log.slice(-15).join('\n');
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\nThe broker logged:\n${log}`, {
      cause: error,
    });
  } finally {
    await azure?.close();
    await scene.close();
  }
}

function createWalker(scene: Scene, azure: AzureCommands, environment: Map<string, string>) {
  const directions = createDirections(scene, azure, environment);

  const follow = async (lines: readonly string[]) => {
    const expected: Expectation = { code: 0, shows: [], isRepeated: false, input: '' };
    for (const line of lines) {
      const found = directions.flatMap(([pattern, run]) => {
        const match = pattern.exec(line);
        return match ? [{ match, run }] : [];
      });
      const [only] = found;
      if (!only || found.length > 1) throw new Error(`The walk knows no "${line}".`);
      await only.run(only.match.slice(1), expected);
    }
    return expected;
  };

  return async ({ language, text, walk: lines }: Block) => {
    if (language === 'json') return mergeInto(scene, text, lines, environment);
    if (language !== 'sh') throw new Error(`The walk knows no block of "${language}".`);
    const expected = await follow(lines);
    const until = performance.now() + limitMs;
    for (;;) {
      if (expected.isRepeated) await askAsEver(scene, azure);
      const ran = await runShell(text, scene.directory, environment, expected.input);
      const missing = expected.shows.filter((shown) => !ran.output.includes(shown));
      if (ran.code === expected.code && missing.length === 0) return undefined;
      if (!expected.isRepeated || performance.now() > until) {
        const wanted = [`exit with ${expected.code}`, ...missing.map((shown) => `show "${shown}"`)].join(', ');
        throw new Error(`$ ${text}This was to ${wanted}. It exited with ${ran.code}:\n${ran.output}`);
      }
    }
  };
}

type Direction = readonly [RegExp, (parts: string[], expected: Expectation) => unknown];

/** All that a page may say of its walk. */
function createDirections(scene: Scene, azure: AzureCommands, environment: Map<string, string>): readonly Direction[] {
  const { stack, steer } = scene;
  const records = createRecordTampering(stack.settings);
  const remembered: string[] = [];
  const keyOf = (slot = '', subscription = '') =>
    stack.apiManagement.keys(subscription)?.[slot === 'primary' ? 'primary' : 'secondary'] ?? '';

  return [
    [/^before the broker starts, POST \/\S+ \{.*\}$/, () => {}],
    [/^exits (\d+)$/, ([code], expected) => (expected.code = Number(code))],
    [/^shows "(.+)"$/, ([text = ''], expected) => expected.shows.push(text)],
    [/^until it does$/, (_, expected) => (expected.isRepeated = true)],
    [/^types (\S+)$/, ([text = ''], expected) => (expected.input += `${text}\n`)],
    [
      /^types the (primary|secondary) key of (\S+)$/,
      ([slot, subscription], expected) => (expected.input += `${keyOf(slot, subscription)}\n`),
    ],
    [
      /^remembers the (primary|secondary) key of (\S+)$/,
      ([slot, subscription]) => remembered.push(keyOf(slot, subscription)),
    ],
    [/^types what was remembered$/, (_, expected) => (expected.input += `${remembered.join('\n')}\n`)],
    [
      /^(\w+) asks for (\w+), and is answered (\d+)$/,
      async ([caller = '', api = '', status]) => {
        const answered = await askFor(scene, azure, caller, api);
        if (answered !== Number(status)) throw new Error(`${caller} was answered ${answered}, and not ${status}.`);
      },
    ],
    [/^sets ([A-Z_]+) to (\S+)$/, ([name = '', value = '']) => environment.set(name, value)],
    [
      /^sets ([A-Z_]+) to the token of (\w+)$/,
      async ([name = '', caller = '']) => environment.set(name, await tokenOf(scene, azure, caller)),
    ],
    [
      /^sets ([A-Z_]+) to the first gateway(\S*)$/,
      ([name = '', path]) => environment.set(name, `${stack.ready().gateways[0]}${path}`),
    ],
    [
      /^(POST|DELETE) (\/\S+)(?: (\{.*\}))?$/,
      ([method, path = '', body]) => steer(path, body === undefined ? undefined : (JSON.parse(body) as object), method),
    ],
    [/^spoils the record of (\S+)$/, ([subscription = '']) => records.spoil(subscription)],
    [/^removes the record of (\S+)$/, ([subscription = '']) => records.remove(subscription)],
    [/^makes the record of (\S+) an hour older$/, ([subscription = '']) => records.age(subscription, 3_600_000)],
    [/^deletes the secret (\S+)$/, ([name = '']) => scene.deleteSecret(name, false)],
    [/^purges the secret (\S+)$/, ([name = '']) => scene.deleteSecret(name, true)],
    [
      /^writes the configuration to (\S+)$/,
      async ([file = '']) => writeFile(join(scene.directory, file), await scene.readConfig()),
    ],
    [
      /^runs (.+)$/,
      async ([command = '']) => {
        const ran = await runShell(command, scene.directory, environment, '');
        if (ran.code !== 0) throw new Error(`$ ${command}\n${ran.output}`);
      },
    ],
    [/^removes the configuration$/, () => stack.configBlob?.remove()],
    [
      /^restarts the broker(?: with (\S+)=(\S+))?$/,
      async ([name, value = '']) => {
        if (name !== undefined) scene.settings.set(name, value);
        await scene.restartBroker();
      },
    ],
  ];
}

async function askFor(scene: Scene, azure: AzureCommands, caller: string, api: string): Promise<number> {
  const response = await fetch(`${scene.broker.url}/v1/headers/${api}`, {
    headers: { Authorization: `Bearer ${await tokenOf(scene, azure, caller)}` },
  });
  await response.arrayBuffer();
  return response.status;
}

/** The callers that there always are: what failed once is tried again when somebody asks. */
async function askAsEver(scene: Scene, azure: AzureCommands): Promise<void> {
  for (const api of ['core', 'payments']) await askFor(scene, azure, 'billing', api);
  await askFor(scene, azure, 'bookkeeping', 'invoices');
}

/** Whoever stands in the sample without an API has no app role until the walk has given it to them. */
async function tokenOf({ steer }: Scene, { assigned }: AzureCommands, caller: string): Promise<string> {
  const { objectId = '', apis } = callers[caller] ?? {};
  const claims = apis || assigned.has(objectId) ? {} : { roles: null };
  const { token } = (await steer('/token', { caller, claims })) as { token: string };
  return token;
}

/** What a person adds with an editor. */
async function mergeInto(
  { directory }: Scene,
  text: string,
  lines: readonly string[],
  environment: ReadonlyMap<string, string>,
): Promise<void> {
  const [, file] = /^goes into (\S+)$/.exec(lines.join('\n')) ?? [];
  if (file === undefined) throw new Error('The walk is not told which file this goes into.');
  const path = join(directory, file);
  const filled = text.replaceAll(/\$([A-Z_]+)/g, (_, name: string) => environment.get(name) ?? '');
  const before = JSON.parse(await readFile(path, 'utf8')) as Members;
  await writeFile(path, JSON.stringify(merge(before, JSON.parse(filled) as Members)));
}

type Members = { [name: string]: unknown };

function merge(before: Members, added: Members): Members {
  const isMembers = (value: unknown): value is Members =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const merged = Object.entries(added).map(([name, value]) => {
    const old = before[name];
    return [name, isMembers(old) && isMembers(value) ? merge(old, value) : value];
  });
  return { ...before, ...(Object.fromEntries(merged) as Members) };
}

async function runShell(
  text: string,
  directory: string,
  environment: ReadonlyMap<string, string>,
  input: string,
): Promise<{ code: number | null; output: string }> {
  const child = spawn('bash', ['--norc', '-eu', '-o', 'pipefail', '-c', text], {
    cwd: directory,
    env: Object.fromEntries(environment),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  await once(child, 'close');
  show(text, child.exitCode, output);
  return { code: child.exitCode, output };
}

/** Keeps what was printed for the search for canaries that ends the test run; `BROKER_WALK` shows it, to be shortened into a page. */
function show(text: string, code: number | null, output: string): void {
  const folder = process.env['BROKER_TEST_OUTPUT'];
  const told = `$ ${text}${output}(${code})\n\n`;
  if (folder) appendFileSync(join(folder, `walk-${process.pid}.log`), told);
  if (process.env['BROKER_WALK']) process.stderr.write(told);
}
