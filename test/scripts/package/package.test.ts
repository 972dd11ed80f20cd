import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { startBroker } from '../../../local/stack/broker.ts';
import { createCleanup } from '../../../local/stack/cleanup.ts';
import { createStack } from '../../../local/stack/stack.ts';
import { build } from '../../../scripts/build.ts';
import { keep } from '../../cli/spawned.ts';
import { copyProject, packIn, root, type Packed } from './packing.ts';
import { unzip, unzipInto, type Unzipped } from './unzip.ts';

/** Builds, and the stack, are processes of their own, which take their time on a busy machine. */
const patient = 120_000;
jest.setTimeout(patient);

const cleanup = createCleanup();
let folder: string;
let packed: Packed;
let files: Map<string, Unzipped>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'token-broker-package-'));
  packed = await packIn(root, join(folder, 'first'));
  files = new Map(unzip(packed.archive).map((file) => [file.name, file]));
}, patient);
afterAll(async () => {
  await cleanup.close();
  rmSync(folder, { recursive: true, force: true });
}, patient);

const textOf = (name: string) => files.get(name)?.bytes.toString('utf8') ?? '';

describe('the package', () => {
  test('is the same, byte for byte, from a copy of the project elsewhere, at another time, in another zone and under another umask', async () => {
    const copy = join(folder, 'elsewhere', 'project');
    copyProject(copy);
    const environment = { TZ: 'Pacific/Kiritimati', LANG: 'tr_TR.UTF-8', SOURCE_DATE_EPOCH: '1' };
    const again = await packIn(copy, join(folder, 'second'), { umask: '077', environment });
    expect(again.archive.equals(packed.archive)).toBe(true);
    expect(again.bill).toBe(packed.bill);
  });

  test('is printed with its size and its SHA-256', () => {
    expect(packed.printed).toContain(`token-broker.zip: ${packed.archive.length} bytes`);
    expect(packed.printed).toContain(createHash('sha256').update(packed.archive).digest('hex'));
  });

  test('holds what is deployed and nothing else', () => {
    const bundles = ['dist/broker.cjs', 'dist/main.cjs'];
    const names = ['LICENSE', 'THIRD-PARTY-LICENSES.txt', ...bundles, 'host.json', 'package.json'];
    expect([...files.keys()]).toEqual(names);
  });

  test('asks for nothing to be installed', () => {
    const manifest = JSON.parse(textOf('package.json')) as object;
    expect(Object.keys(manifest)).not.toEqual(expect.arrayContaining([expect.stringMatching(/dependencies|scripts/i)]));
    expect(manifest).toMatchObject({ main: 'dist/main.cjs', engines: { node: expect.any(String) } });
  });

  test('says nothing of the machine that built it, nor of a source map that is not there', () => {
    for (const [name, { bytes }] of files) {
      for (const path of [root, folder, homedir()]) expect([name, bytes.includes(path)]).toEqual([name, false]);
      expect([name, bytes.includes('sourceMappingURL')]).toEqual([name, false]);
    }
    expect(packed.bill).not.toContain(root);
  });

  test('runs alone with the settings of the local stack, and hands out headers', async () => {
    const app = join(folder, 'app');
    unzipInto(app, packed.archive);
    const stack = await createStack({ ports: { control: 0, gateways: [0, 0] }, awaitsBroker: true });
    cleanup.add(() => stack.close());
    const lines: string[] = [];
    const tell = (line: string) => {
      lines.push(line);
      keep(line);
    };
    const options = { root: app, port: 0, settings: stack.settings, onEnd: () => {} };
    const broker = await startBroker({ ...options, onLine: tell }, cleanup);
    stack.announce(broker.url);
    const asked = await fetch(`${stack.ready().control}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ caller: 'billing' }),
    });
    const { token } = (await asked.json()) as { token: string };
    const answer = await fetch(`${broker.url}/v1/headers/payments`, { headers: { authorization: `Bearer ${token}` } });
    expect([answer.status, lines.filter((line) => / error /.test(line))]).toEqual([200, []]);
    const { headers } = (await answer.json()) as { headers: Record<string, string> };
    expect(Object.keys(headers).toSorted()).toEqual(['Authorization', 'Ocp-Apim-Subscription-Key']);
  });
});

describe('the bill of materials', () => {
  type Component = { group?: string; name: string; version: string; purl: string; 'bom-ref': string };
  type Bill = {
    metadata: { component: { hashes: { content: string }[] } };
    components: (Component & { licenses: { license: { id: string } }[]; hashes: { alg: string; content: string }[] })[];
    dependencies: { ref: string; dependsOn: string[] }[];
  };
  const read = () => JSON.parse(packed.bill) as Bill;

  test('has exactly the packages that the bundles are made of, in their versions', async () => {
    const { metafile } = await build();
    const bundled = ['dist/main.cjs', 'dist/broker.cjs'].map((name) => metafile.outputs[name]?.inputs ?? {});
    const inputs = bundled.flatMap((each) => Object.keys(each));
    // Each package says itself what it is called, whatever the lock file says.
    const own = inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
    const expected = Array.from(new Set(own), (place) => {
      const { name, version } = JSON.parse(readFileSync(join(root, place, 'package.json'), 'utf8')) as Component;
      return `${name} ${version}`;
    });
    const listed = read().components.map(({ group, name, version }) => `${group ? `${group}/` : ''}${name} ${version}`);
    expect(listed.toSorted()).toEqual(expected.toSorted());
    expect(listed.length).toBeGreaterThan(40);
  });

  test('knows of each its licence, whose text is in the package, and the hash of what the registry serves', () => {
    const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
    for (const { group, name, version, licenses, hashes } of read().components) {
      const full = `${group ? `${group}/` : ''}${name}`;
      expect(textOf('THIRD-PARTY-LICENSES.txt')).toContain(`\n${full} ${version} (${licenses[0]?.license.id})\n`);
      expect(hashes).toEqual([{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }]);
      expect(lock).toContain(Buffer.from(hashes[0]?.content ?? '', 'hex').toString('base64'));
    }
  });

  test('names the package that it belongs to by its hash, and neither a time nor a random number', () => {
    const sha256 = createHash('sha256').update(packed.archive).digest('hex');
    expect(read().metadata.component.hashes).toEqual([{ alg: 'SHA-256', content: sha256 }]);
    expect(packed.bill).not.toMatch(/serialNumber|timestamp/);
  });

  test('says of each package what it depends on, by references that are there', () => {
    const { components, dependencies } = read();
    const known = new Set(components.map((component) => component['bom-ref']));
    expect(known.size).toBe(components.length);
    expect(dependencies.length).toBe(components.length + 1);
    for (const { dependsOn } of dependencies) for (const ref of dependsOn) expect(known).toContain(ref);
    // Nothing is in the bundle that nothing asks for.
    expect(new Set(dependencies.flatMap(({ dependsOn }) => dependsOn))).toEqual(known);
  });
});
