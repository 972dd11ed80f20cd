import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createConfig, lintFromString, type RawUniversalConfig } from '@redocly/openapi-core';
import { readArguments, refuseArguments } from '../local/stack/arguments.ts';

const usage = `Usage: npm run -s check:openapi [-- FILE]

Lints an OpenAPI document, docs/openapi.json unless another is named: its structure, unused components, missing operation ids, examples
that do not validate. Prints what is wrong, each with its place, and exits 1; prints nothing where all is well.
`;

const rules: RawUniversalConfig = {
  extends: ['recommended'],
  rules: {
    // The probes and this document itself refuse nobody.
    'operation-4xx-response': 'off',
    'operation-description': 'error',
    'operation-singular-tag': 'error',
    'operation-tag-defined': 'error',
    'parameter-description': 'error',
  },
};

const { positionals } = readArguments(
  () => parseArgs({ options: { help: { type: 'boolean' } }, allowPositionals: true }),
  usage,
);
const [file = join(import.meta.dirname, '../docs/openapi.json'), ...others] = positionals;
if (others.length > 0) refuseArguments('Name one file.');

const source = read(file);
const config = await createConfig(rules);
const problems = await lintFromString({ source, absoluteRef: resolve(file), config }).catch(() =>
  refuseArguments(`${file} is no OpenAPI document.`),
);
for (const { ruleId, message, location } of problems) {
  console.error(`${relative('.', file)}${location[0]?.pointer ?? ''}: ${message} (${ruleId})`);
}
process.exitCode = problems.length > 0 ? 1 : 0;

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return refuseArguments(`${path} cannot be read.`);
  }
}
