import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Scene } from './scene.ts';
import { createRecordTampering } from '../support/record-tampering.ts';

/** The names that the runbooks' variables have in a walk. */
export const names = {
  VAULT: 'kv-token-broker',
  STORAGE_ACCOUNT: 'sttokenbroker',
  RESOURCE_GROUP: 'rg-token-broker',
  FUNCTION_APP: 'func-token-broker',
  VAULT_ID:
    '/subscriptions/217c6474-b4f5-4572-9949-1595280e4975/resourceGroups/rg-token-broker/providers/Microsoft.KeyVault/vaults/kv-token-broker',
  IDENTITY: '9b012c25-d473-4b1b-86e6-29dceea27a1b',
} as const;

type Given = Readonly<Record<string, string | true>>;
/** What it takes: the value that an option must have; `true` for a flag, `any` for whatever it is. */
type Expected = Readonly<Record<string, string | true | typeof any>>;
/** What was typed, and what came through a pipe where it is read. */
type Typed = { readonly args: readonly string[]; readonly input: string };
type Command = { readonly takes: Expected; readonly run: (given: Given, input: string) => unknown };

const any = Symbol('any');

/** What the Azure CLI is of a walk: the few commands that the runbooks use, with the very options that they use. It refuses all else. */
export type AzureCommands = {
  readonly url: string;
  /** Who was given the app role `Headers.Read`, by object id. */
  readonly assigned: ReadonlySet<string>;
  close(): Promise<void>;
};

export async function serveAzureCommands(scene: Scene): Promise<AzureCommands> {
  const assigned = new Set<string>();
  const commands = createCommands(scene, assigned);
  const server = createServer((request, response) => {
    void (async () => {
      const answer = await answerTo(JSON.parse(await text(request)) as Typed, commands);
      response.end(JSON.stringify(answer));
    })();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    assigned,
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}

async function answerTo({ args, input }: Typed, commands: Readonly<Record<string, Command>>) {
  try {
    const at = args.findIndex((arg) => arg.startsWith('-'));
    const words = args.slice(0, at === -1 ? undefined : at).join(' ');
    const command = commands[words];
    if (!command) throw new Error(`az stand-in: there is no command "${words}"`);
    const given = readOptions(args.slice(words.split(' ').length), command.takes);
    const result = await command.run(given, input);
    return { code: 0, output: given['--output'] === 'none' ? '' : print(result, given['--output']) };
  } catch (error) {
    return { code: 1, output: `${error instanceof Error ? error.message : String(error)}\n` };
  }
}

function print(result: unknown, output: string | true | undefined): string {
  if (output === 'tsv')
    return [result]
      .flat()
      .map((line) => `${String(line)}\n`)
      .join('');
  return `${JSON.stringify(result, undefined, 2)}\n`;
}

function readOptions(args: readonly string[], takes: Expected): Given {
  const given: Record<string, string | true> = {};
  for (let at = 0; at < args.length; at += 1) {
    const name = args[at] ?? '';
    const expected = takes[name];
    if (expected === undefined) throw new Error(`az stand-in: unknown option "${name}"`);
    const value = expected === true ? true : (args[(at += 1)] ?? '');
    if (expected !== any && value !== expected) throw new Error(`az stand-in: ${name} is not to be "${String(value)}"`);
    given[name] = value;
  }
  const missing = Object.keys(takes).filter((name) => !(name in given));
  if (missing.length > 0) throw new Error(`az stand-in: ${missing.join(', ')} missing`);
  return given;
}

const blob = {
  '--auth-mode': 'login',
  '--account-name': names.STORAGE_ACCOUNT,
  '--container-name': 'config',
  '--name': 'broker.config.json',
  '--file': any,
  '--output': 'none',
} as const;
const vault = { '--vault-name': names.VAULT } as const;
const app = { '--resource-group': names.RESOURCE_GROUP, '--name': names.FUNCTION_APP } as const;
const brokerPrincipal = { id: '5b9f2b3e-7d1c-4f6a-9c58-0e4d7a1b2c3d', role: '0c6a1f1e-2f2b-4d0e-8a43-6a1f0d3c5b77' };

function createCommands(scene: Scene, assigned: Set<string>): Record<string, Command> {
  const { stack, directory, steer } = scene;
  const records = createRecordTampering(stack.settings);
  const fileOf = (given: Given) => resolve(directory, String(given['--file']));

  return {
    'keyvault secret set': {
      // Every process of the machine could read an argument, and without the output's the answer has the secret.
      takes: { ...vault, '--name': any, '--file': '/dev/stdin', '--encoding': 'utf-8', '--output': 'none' },
      run: ({ '--name': name }, value) => steer(`/vault/${String(name)}`, { value }),
    },
    'keyvault secret list-deleted': {
      takes: { ...vault, '--query': '[].name', '--output': 'tsv' },
      run: () => scene.deletedSecrets(),
    },
    'keyvault secret recover': {
      takes: { ...vault, '--name': any, '--output': 'none' },
      run: ({ '--name': name }) => steer(`/vault/${String(name)}`, { recover: true }),
    },
    'storage blob download': {
      takes: blob,
      run: async (given) => writeFile(fileOf(given), await scene.readConfig()),
    },
    'storage blob upload': {
      takes: { ...blob, '--overwrite': true },
      run: async (given) => scene.writeConfig(await readFile(fileOf(given), 'utf8')),
    },
    'storage entity delete': {
      takes: {
        '--auth-mode': 'login',
        '--account-name': names.STORAGE_ACCOUNT,
        '--table-name': 'rotation',
        '--partition-key': any,
        '--row-key': 'record',
        '--if-match': '*',
        '--output': 'none',
      },
      run: ({ '--partition-key': subscription }) => records.remove(String(subscription)),
    },
    'role assignment create': {
      takes: {
        '--role': 'Key Vault Secrets Officer',
        '--assignee-object-id': names.IDENTITY,
        '--assignee-principal-type': 'ServicePrincipal',
        '--scope': names.VAULT_ID,
        '--output': 'none',
      },
      // The walk takes the role away with a fault.
      run: () => steer('/faults', undefined, 'DELETE'),
    },
    'functionapp config appsettings list': {
      takes: { ...app, '--query': "[?contains(name, 'rotation-timer')].name", '--output': 'tsv' },
      run: () => Array.from(scene.settings.keys()),
    },
    'functionapp config appsettings delete': {
      takes: { ...app, '--setting-names': 'AzureWebJobs.rotation-timer.Disabled', '--output': 'none' },
      run: async ({ '--setting-names': name }) => {
        if (!scene.settings.delete(String(name))) throw new Error('az stand-in: there is no such setting');
        await scene.restartBroker();
      },
    },
    'ad sp show': {
      takes: { '--id': any, '--query': any, '--output': 'tsv' },
      run: ({ '--query': query }) => {
        if (query === 'id') return brokerPrincipal.id;
        if (query === "appRoles[?value=='Headers.Read'].id") return brokerPrincipal.role;
        throw new Error(`az stand-in: unknown query "${String(query)}"`);
      },
    },
    rest: {
      takes: { '--method': 'post', '--url': any, '--body': any, '--output': 'none' },
      run: ({ '--url': url, '--body': body }) => assign(String(url), String(body), assigned),
    },
  };
}

function assign(url: string, body: string, assigned: Set<string>): void {
  const [, objectId] =
    /^https:\/\/graph\.microsoft\.com\/v1\.0\/servicePrincipals\/([0-9a-f-]{36})\/appRoleAssignments$/.exec(url) ?? [];
  const { principalId, resourceId, appRoleId } = JSON.parse(body) as Record<string, string>;
  if (!objectId || principalId !== objectId || resourceId !== brokerPrincipal.id || appRoleId !== brokerPrincipal.role)
    throw new Error('az stand-in: this is no assignment of the app role Headers.Read');
  assigned.add(objectId);
}
