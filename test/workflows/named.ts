import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, textOf } from './workflow.ts';

/** Where the infrastructure is not there yet, neither is what belongs to it. */
const isAwaited = (name: string) => name.startsWith('infra') && !existsSync(join(root, 'infra'));

const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };

/** npm scripts that are called, and that there are not. */
export function missingScripts(text: string): string[] {
  const called = Array.from(text.matchAll(/npm (?:run (?:-s )?|(?=test\b))([a-z:]+)/g), ([, name = '']) => name);
  if (called.length === 0 && text.includes('npm run')) throw new Error('This test no longer reads what is called.');
  return called.filter((name) => !(name in scripts) && !isAwaited(name));
}

/** Files of the project that are named, for each environment, and that there are not. */
export function missingFiles(text: string): string[] {
  const paths = Array.from(
    text.matchAll(/(?<![\w/.$-])((?:infra|docs|scripts|\.github)\/[\w./$-]+\w)/g),
    ([, path = '']) => path,
  );
  return paths
    .flatMap((path) => ['dev', 'prod'].map((name) => path.replace(/\$(ENVIRONMENT|AZURE_ENV_NAME)/, name)))
    .filter((path) => !existsSync(join(root, path)) && !isAwaited(path));
}

/** Outputs of the deployment that are read, and that the template does not have. */
export function missingOutputs(text: string): string[] {
  const read = /for name in ([A-Z_ ]+);/.exec(text)?.[1]?.split(' ') ?? [];
  if (read.length === 0) throw new Error('This test no longer reads what is read.');
  const template = 'infra/main.bicep';
  const bicep = isAwaited(template) ? undefined : textOf(template);
  return bicep === undefined ? [] : read.filter((name) => !bicep.includes(`\noutput ${name} `));
}
