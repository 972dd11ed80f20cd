import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createAzureCli } from '../cli/connection/sign-in.ts';
import { readArguments, refuseArguments } from '../local/stack/arguments.ts';
import type { Config } from '../shared/config/config.ts';
import { ConfigError } from '../shared/config/problem.ts';
import { isHttpsOrigin } from '../shared/config/url.ts';
import { validateConfig } from '../shared/config/validate.ts';
import { guidPattern } from '../shared/names.ts';
import { Secret } from '../shared/secret.ts';
import { createDryRun, createGraph, GraphRefused } from './entra/graph.ts';
import { register, type Wanted } from './entra/register.ts';

const usage = `Usage: npm run entra -- --name NAME --config FILE [options]

Brings the broker's registration in Entra to what it must be: app roles, tokens of version 2 with the claim idtyp, roles required, people's sign-in
without a secret. Makes it where there is none, and changes nothing that is right already. Needs "az login".

  --name NAME            what it is found by again, such as token-broker-prod
  --config FILE          the broker's configuration: its tenant; and each of its callers is given Headers.Read
  --tenant GUID          in place of a configuration, which cannot be written before there is a client id
  --url URL              where the broker answers, so that people can sign in to its dashboard
  --identity OBJECT_ID   the app's managed identity (IDENTITY_OBJECT_ID of the deployment), trusted in place of a client secret
  --operator OBJECT_ID   is given Operations.Write; may be repeated
  --auditor OBJECT_ID    is given Operations.Read; may be repeated
  --graph URL            Microsoft Graph of another cloud (https://graph.microsoft.com)
  --authority URL        Entra of another cloud (https://login.microsoftonline.com)
  --dry-run              reads, and prints what it would write
  --help

Prints the client id, for broker.audience of the configuration, as the only line on stdout.
`;

const options = {
  name: { type: 'string' },
  config: { type: 'string' },
  tenant: { type: 'string' },
  url: { type: 'string' },
  identity: { type: 'string' },
  operator: { type: 'string', multiple: true },
  auditor: { type: 'string', multiple: true },
  graph: { type: 'string', default: 'https://graph.microsoft.com' },
  authority: { type: 'string', default: 'https://login.microsoftonline.com' },
  'dry-run': { type: 'boolean', default: false },
  help: { type: 'boolean' },
} as const;

type Given = ReturnType<typeof parseOptions>['values'];

function parseOptions() {
  return parseArgs({ options });
}

async function main(): Promise<void> {
  const { values } = readArguments(parseOptions, usage);
  const wanted = toWanted(values);
  const url = toOrigin(values.graph);
  const credential = createAzureCli(wanted.tenantId);
  const acquireToken = async () => {
    const token = await credential.getToken(`${url}/.default`).catch(() => null);
    if (token) return new Secret(token.token);
    throw new GraphRefused(
      0,
      `The Azure CLI gave no token: "az login --tenant ${wanted.tenantId}", then run this again.`,
    );
  };
  const graph = createGraph({ url, acquireToken });
  const tell = (line: string) => console.error(values['dry-run'] ? `Would: ${line}` : line);
  const dependencies = {
    graph: values['dry-run'] ? createDryRun(graph, (line) => console.error(`       ${line}`)) : graph,
    tell,
    pause: () => wait(5_000),
  };
  const { clientId, changes } = await register(dependencies, wanted);
  if (changes === 0) console.error('All is as it should be.');
  console.log(clientId);
}

function toWanted(given: Given): Wanted {
  const { name, operator: operators = [], auditor: auditors = [] } = given;
  const config = given.config === undefined ? undefined : readConfig(given.config);
  const tenantId = config?.broker.tenantId ?? given.tenant;
  if (name === undefined || !/^[\w-]{1,100}$/.test(name)) refuseArguments('--name takes letters, digits, "-" and "_".');
  if (tenantId === undefined) refuseArguments('Name the tenant: with --config, or with --tenant.');
  const callers = (config?.callers ?? []).map(({ objectId }) => objectId);
  return {
    uniqueName: name,
    tenantId: toGuid(tenantId),
    authorityHost: toOrigin(given.authority),
    url: given.url && toOrigin(given.url),
    identity: given.identity && toGuid(given.identity),
    grants: [
      ...callers.map((principalId) => ({ role: 'Headers.Read', principalId: toGuid(principalId) }) as const),
      ...operators.map((principalId) => ({ role: 'Operations.Write', principalId: toGuid(principalId) }) as const),
      ...auditors.map((principalId) => ({ role: 'Operations.Read', principalId: toGuid(principalId) }) as const),
    ],
  };
}

/** As Graph writes it, so that one that has been given is found. */
function toGuid(text: string): string {
  return guidPattern.test(text) ? text.toLowerCase() : refuseArguments(`${text} is not a GUID.`);
}

function toOrigin(text: string): string {
  return isHttpsOrigin(text) ? new URL(text).origin : refuseArguments(`${text} is not an https URL without a path.`);
}

function readConfig(file: string): Config {
  try {
    return validateConfig(readFileSync(file, 'utf8'), file);
  } catch (error) {
    if (error instanceof ConfigError) return refuseArguments(error.message);
    return refuseArguments(`${file} cannot be read.`);
  }
}

main().catch((error: unknown) => {
  if (!(error instanceof GraphRefused)) throw error;
  console.error(error.message);
  process.exitCode = 1;
});
