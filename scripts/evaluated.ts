import type { Metafile } from 'esbuild';

/** What runs when a bundle is imported: modules, as the bundle names them, and the modules of Node.js that they ask for. */
export type Evaluated = {
  readonly modules: readonly string[];
  readonly bytes: number;
  readonly builtins: readonly string[];
};

/**
 * Follows the imports of an entry point, and not those by `import()`, whose modules run when they are first asked for. A `require` in a function
 * counts as an import.
 */
export function evaluatedAtImport({ inputs, outputs }: Metafile, entryPoint: string, outfile: string): Evaluated {
  const { inputs: bundled = {}, imports = [] } = outputs[outfile] ?? {};
  // An import of which nothing is used is not in the bundle.
  const asked = new Set(imports.map(({ path }) => path));
  const reached = new Set([entryPoint]);
  const builtins = new Set<string>();
  for (const module of reached) {
    for (const { path, kind, external } of inputs[module]?.imports ?? []) {
      if (kind === 'dynamic-import') continue;
      if (external && asked.has(path)) builtins.add(path.replace(/^node:/, ''));
      if (!external) reached.add(path);
    }
  }
  const modules = Array.from(reached).filter((module) => (bundled[module]?.bytesInOutput ?? 0) > 0);
  const bytes = modules.reduce((sum, module) => sum + (bundled[module]?.bytesInOutput ?? 0), 0);
  return { modules, bytes, builtins: Array.from(builtins).toSorted() };
}
