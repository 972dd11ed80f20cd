import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { bicepVersion, findBicep } from '../../../scripts/infra/bicep-cli.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'broker-find-bicep-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program that prints, and what it sees of the environment. */
function install(path: string, prints: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho "${prints}"\n`);
  chmodSync(path, 0o755);
}

const find = () => findBicep({ PATH: `${folder}/bin`, NUGET_PACKAGES: `${folder}/packages`, AZURE_ENV_NAME: 'x' });
const restored = () => `${folder}/packages/azure.bicep.commandline.linux-${process.arch}/${bicepVersion}/tools/bicep`;

describe('the Bicep CLI', () => {
  test('is the one on the PATH where that has the version', async () => {
    install(`${folder}/bin/bicep`, `Bicep CLI version ${bicepVersion} (abc)`);
    const bicep = await find();
    expect(await bicep.run('--version')).toEqual({
      ok: true,
      stdout: `Bicep CLI version ${bicepVersion} (abc)\n`,
      stderr: '',
    });
  });

  test('is the one that NuGet has put where it puts things, where the PATH has another version', async () => {
    install(`${folder}/bin/bicep`, 'Bicep CLI version 0.1.0 (abc)');
    install(restored(), 'the right one');
    expect((await (await find()).run('build')).stdout).toBe('the right one\n');
  });

  test('sees no variable that a deployment is told by', async () => {
    install(restored(), '[$AZURE_ENV_NAME]');
    expect((await (await find()).run('snapshot')).stdout).toBe('[]\n');
  });

  test('that cannot be had is an error that says how to get it', async () => {
    await expect(find()).rejects.toThrow(
      /not on the PATH, .* no dotnet either\.\nInstall it \("az bicep install .*or install the \.NET SDK/s,
    );
  });

  test('that dotnet cannot restore is an error with what dotnet said', async () => {
    mkdirSync(`${folder}/bin`);
    writeFileSync(`${folder}/bin/dotnet`, '#!/bin/sh\necho "NU1101: no such package" >&2\nexit 1\n');
    chmodSync(`${folder}/bin/dotnet`, 0o755);
    await expect(find()).rejects.toThrow(/NU1101: no such package/);
  });
});
