import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { format, getFileInfo, resolveConfig } from 'prettier';
import { readArguments } from '../local/stack/arguments.ts';
import { renderPerformancePage } from '../bench/page.ts';
import { createDocument } from './openapi/document.ts';
import { renderHttpFile } from './openapi/http-file.ts';
import { renderConfigReference, renderConfigSchema, renderSettingsSample } from './config-reference.ts';
import { renderMetricsTable } from './metrics-table.ts';
import { renderDoctorReference } from './doctor-reference.ts';
import { renderDashboardFiles } from './dashboard-files.ts';
import { renderRotationMachine } from './rotation-diagram.ts';
import { renderPackagesTable } from './package/packages-table.ts';
import { renderProblemsPage } from '../shared/http/problems-page.ts';

const root = join(import.meta.dirname, '..');

const generators: Readonly<Record<string, () => string | Promise<string>>> = {
  'docs/broker-config.schema.json': renderConfigSchema,
  'docs/broker.http': () => renderHttpFile(createDocument()),
  'docs/config.md': renderConfigReference,
  'docs/openapi.json': () => JSON.stringify(createDocument()),
  'docs/dependencies.md': async () => putBetweenMarkers('docs/dependencies.md', await renderPackagesTable(root)),
  'docs/metrics.md': () => putBetweenMarkers('docs/metrics.md', renderMetricsTable()),
  'docs/doctor.md': renderDoctorReference,
  'docs/performance.md': renderPerformancePage,
  'docs/problems.md': () => renderProblemsPage({ withReasons: true }),
  'docs/rotation.md': () => putBetweenMarkers('docs/rotation.md', renderRotationMachine()),
  'local.settings.sample.json': renderSettingsSample,
  'shared/http/dashboard/files.ts': renderDashboardFiles,
};

const [begin, end] = ['<!-- generated: npm run generate -->', '<!-- end of what is generated -->'];

/** A page that people write, with one part that is generated. */
function putBetweenMarkers(path: string, part: string): string {
  const page = readOrEmpty(join(root, path));
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${path} lacks the markers "${begin}" and "${end}".`);
  return `${page.slice(0, from + begin.length)}\n\n${part}\n\n${page.slice(to)}`;
}

/** The generated files as they should be, formatted, by their path in the project. */
export async function generate(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const [path, render] of Object.entries(generators)) {
    const options = { ...(await resolveConfig(join(root, path))), filepath: path };
    const { inferredParser } = await getFileInfo(path);
    files.set(path, inferredParser === null ? await render() : await format(await render(), options));
  }
  return files;
}

const usage = `Usage: npm run generate [-- --check]

Writes the files that are generated from the code: ${Object.keys(generators).join(', ')}.

  --check   writes nothing; fails if one of them is not up to date
  --help
`;

async function main(): Promise<void> {
  const { values } = readArguments(
    () => parseArgs({ options: { check: { type: 'boolean' }, help: { type: 'boolean' } } }),
    usage,
  );
  const stale = Array.from(await generate()).filter(([path, text]) => readOrEmpty(join(root, path)) !== text);
  if (values.check) return report(stale.map(([path]) => path));
  for (const [path, text] of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    console.log(`wrote ${path}`);
  }
}

function report(stale: string[]): void {
  if (stale.length === 0) return;
  console.error(`Not up to date: ${stale.join(', ')}. Run "npm run generate" and commit what it writes.`);
  process.exitCode = 1;
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

if (import.meta.main) await main();
