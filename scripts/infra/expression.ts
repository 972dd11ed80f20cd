import { at } from './members.ts';

/** What `environment()` is in the public cloud ("Bicep functions: environment"), as far as the templates ask for it. */
const publicCloud = {
  resourceManager: 'https://management.azure.com/',
  authentication: { loginEndpoint: 'https://login.microsoftonline.com/' },
  suffixes: { storage: 'core.windows.net', keyvaultDns: '.vault.azure.net' },
};

/**
 * The value of an ARM template expression that a snapshot has left open because it depends on the cloud: `format`, texts, and `environment()`. In the
 * public cloud.
 *
 * @returns `undefined` for what only a deployment knows.
 */
export function evaluate(text: string): string | undefined {
  if (!text.startsWith('[') || text.startsWith('[[')) return text;
  const [value, rest] = evaluateFirst(text.slice(1, -1).trim());
  return rest === '' ? value : undefined;
}

type Evaluated = readonly [value: string | undefined, rest: string];

function evaluateFirst(text: string): Evaluated {
  const quoted = /^'((?:[^']|'')*)'\s*/.exec(text);
  if (quoted) return [quoted[1]?.replaceAll("''", "'"), text.slice(quoted[0].length)];
  const cloud = /^environment\(\)\.([\w.]+)\s*/.exec(text);
  if (cloud) {
    const found = at(publicCloud, cloud[1] ?? '');
    return [typeof found === 'string' ? found : undefined, text.slice(cloud[0].length)];
  }
  return text.startsWith('format(') ? evaluateFormat(text.slice('format('.length)) : [undefined, text];
}

function evaluateFormat(text: string): Evaluated {
  const values: (string | undefined)[] = [];
  let rest = text;
  do {
    const [value, after] = evaluateFirst(rest.replace(/^,\s*/, ''));
    values.push(value);
    rest = after;
  } while (rest.startsWith(','));
  const [pattern, ...inserted] = values;
  if (!rest.startsWith(')') || pattern === undefined || inserted.includes(undefined)) return [undefined, rest];
  return [
    pattern.replaceAll(/\{(\d+)\}/g, (_whole, index) => inserted[Number(index)] ?? ''),
    rest.slice(1).trimStart(),
  ];
}

/** Whether a value is one that Azure gives when it deploys. */
export function isRuntime(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith('[') && evaluate(value) === undefined;
}
