import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isMembers } from './members.ts';

/** What snapshots, formats and rules are those of: another version may say otherwise. */
export const bicepVersion = '0.49.2';

type Ran = { readonly ok: boolean; readonly stdout: string; readonly stderr: string };
type Environment = Readonly<Record<string, string | undefined>>;

/** The Bicep CLI. It is run without the variables that a deployment is told by: an evaluation is the same on every machine. */
export type Bicep = { run(...args: string[]): Promise<Ran> };

/** There is no Bicep CLI, and no way to get it; the message says how. */
export class BicepMissing extends Error {}

const execute = promisify(execFile);
/** What the SDK and NuGet need to be where they are, and to find a proxy. */
const passedOn =
  /^(PATH|HOME|USERPROFILE|TMPDIR|TEMP|TMP|LANG|SSL_CERT_FILE|(DOTNET|NUGET)_\w+|https?_proxy|no_proxy)$/i;

/**
 * Finds the Bicep CLI of this version: on the PATH, else as a NuGet package in NuGet's own folder, restored with `dotnet` where it is not there yet.
 *
 * @throws {BicepMissing}
 */
export async function findBicep(environment: Environment = process.env): Promise<Bicep> {
  const env = Object.fromEntries(Object.entries(environment).filter(([name]) => passedOn.test(name)));
  const start = (program: string) => (args: readonly string[]) => runProgram(program, args, env);
  const installed = await start('bicep')(['--version']);
  if (installed.stdout.includes(`version ${bicepVersion} `)) return asBicep(start('bicep'));
  const packages = environment['NUGET_PACKAGES'] ?? join(homedir(), '.nuget', 'packages');
  const program = join(packages, packageName().toLowerCase(), bicepVersion, 'tools', executable());
  if (!existsSync(program)) await restore(start('dotnet'));
  if (!existsSync(program)) throw missing(`NuGet has put nothing at ${program}`);
  return asBicep(start(program));
}

function asBicep(start: (args: readonly string[]) => Promise<Ran>): Bicep {
  return { run: (...args) => start(args) };
}

function executable(): string {
  return process.platform === 'win32' ? 'bicep.exe' : 'bicep';
}

/** `Azure.Bicep.CommandLine.linux-x64` and its like. */
function packageName(): string {
  const system = { linux: 'linux', darwin: 'osx', win32: 'win' }[process.platform as string] ?? process.platform;
  return `Azure.Bicep.CommandLine.${system}-${process.arch}`;
}

async function restore(dotnet: (args: readonly string[]) => Promise<Ran>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'broker-bicep-'));
  try {
    const project = join(folder, 'bicep.csproj');
    writeFileSync(project, projectFile());
    const { ok, stdout, stderr } = await dotnet(['restore', project]);
    if (!ok) throw missing(stderr === '' && stdout === '' ? 'there is no dotnet either' : `${stdout}${stderr}`.trim());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Downloads one package and builds nothing. The framework is the SDK's own, so that nothing else is downloaded for it. */
function projectFile(): string {
  return `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net$(BundledNETCoreAppTargetFrameworkVersion)</TargetFramework></PropertyGroup>
  <ItemGroup><PackageDownload Include="${packageName()}" Version="[${bicepVersion}]" /></ItemGroup>
</Project>
`;
}

function missing(why: string): BicepMissing {
  return new BicepMissing(
    `The Bicep CLI ${bicepVersion} is not on the PATH, and it cannot be restored from NuGet: ${why}.\n` +
      `Install it ("az bicep install --version v${bicepVersion}", and put ~/.azure/bin on the PATH), or install the .NET SDK 8 or later, which gets it by itself; then run this again.`,
  );
}

/** Ends with what it printed, also where it failed or could not be started. */
async function runProgram(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran> {
  try {
    const { stdout, stderr } = await execute(program, args, { env, maxBuffer: 64 * 1024 * 1024 });
    return { ok: true, stdout, stderr };
  } catch (error) {
    return { ok: false, stdout: outputOf(error, 'stdout'), stderr: outputOf(error, 'stderr') };
  }
}

function outputOf(error: unknown, stream: 'stdout' | 'stderr'): string {
  const text = isMembers(error) ? error[stream] : undefined;
  return typeof text === 'string' ? text : '';
}
