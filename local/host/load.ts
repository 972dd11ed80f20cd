import { globSync, readFileSync } from 'node:fs';
import { createRequire, Module } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CoreModule } from './core.ts';
import { describeError } from './log.ts';
import { StartError } from './start-error.ts';

/** An app's folder, as its package.json and host.json describe it. */
export type App = {
  root: string;
  main: string;
  /** Absolute; more than one where `main` is a pattern. */
  files: string[];
  isModule: boolean;
  /** Without slashes at its ends. */
  routePrefix: string;
};

function readJson(file: string): Record<string, unknown> | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (isRecord(value)) return value;
  } catch (cause) {
    throw new StartError(`${file} is not JSON: correct it.`, { cause });
  }
  throw new StartError(`${file} does not hold a JSON object: correct it.`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readMember(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((current, name) => (isRecord(current) ? current[name] : undefined), value);
}

/** `api`, unless host.json says otherwise, is Azure's default: https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook#hostjson-settings */
function readRoutePrefix(root: string): string {
  const prefix = readMember(readJson(join(root, 'host.json')), 'extensions', 'http', 'routePrefix') ?? 'api';
  if (typeof prefix !== 'string')
    throw new StartError('extensions.http.routePrefix in host.json is not a string: correct it.');
  return prefix.replace(/^\/+|\/+$/g, '');
}

/** Reads what is needed to start the app in `directory`. Throws a StartError where it cannot be started. */
export function readApp(directory: string): App {
  const root = resolve(directory);
  const settings = readJson(join(root, 'package.json'));
  if (!settings) throw new StartError(`There is no package.json in ${root}. Name the app's folder with --root.`);
  const { main } = settings;
  if (typeof main !== 'string' || main === '') {
    throw new StartError(
      `${join(root, 'package.json')} has no "main". Name there the file that registers the functions.`,
    );
  }
  const files = globSync(main, { cwd: root }).toSorted();
  if (files.length === 0)
    throw new StartError(
      `package.json names main "${main}", and there is no such file in ${root}. Build the app first (npm run build), or correct "main".`,
    );
  return {
    root,
    main,
    files: files.map((file) => join(root, file)),
    isModule: settings['type'] === 'module',
    routePrefix: readRoutePrefix(root),
  };
}

/** Answers `require('@azure/functions-core')`, wherever in this process, with `core`. This is how Microsoft's worker does it, too. */
export function provideCore(core: CoreModule): void {
  // oxlint-disable-next-line typescript/unbound-method -- called with its module below
  const original = Module.prototype.require;
  Module.prototype.require = Object.assign(function require(this: Module, id: string): unknown {
    return id === '@azure/functions-core' ? core : original.call(this, id);
  }, original);
}

/** Loads the app's files in order. Throws a StartError with the app's own error in it. */
export async function loadApp({ root, files, isModule }: App): Promise<void> {
  const require = createRequire(join(root, 'package.json'));
  for (const file of files) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- in order: later files may need what earlier ones registered
      if (file.endsWith('.mjs') || (isModule && !file.endsWith('.cjs'))) await import(pathToFileURL(file).href);
      else require(file);
    } catch (cause) {
      throw new StartError(
        `The app threw while ${file} was loaded. Correct it and start again. It said:\n${describeError(cause)}`,
        { cause },
      );
    }
  }
}
