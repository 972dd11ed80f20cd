import { randomUUID } from 'node:crypto';
import type { Registration } from './core.ts';
import type { Binding, FunctionCallback, FunctionMetadata } from './rpc.ts';
import { StartError } from './start-error.ts';

export type IndexedFunction = {
  name: string;
  functionId: string;
  kind: 'http' | 'timer' | 'warmup' | 'other';
  trigger: Binding;
  /** The trigger's binding name, under which its data is passed. */
  triggerName: string;
  metadata: FunctionMetadata;
  callback: FunctionCallback;
  /** By an app setting `AzureWebJobs.<name>.Disabled`: no route and no schedule, but it can be fired by hand. */
  disabled: boolean;
};

const kinds: Record<string, IndexedFunction['kind']> = {
  httptrigger: 'http',
  timertrigger: 'timer',
  warmuptrigger: 'warmup',
};

// As Azure: https://learn.microsoft.com/azure/azure-functions/functions-reference
const validName = /^(?!host$)[a-z][\w-]{0,127}$/i;

/** Finds each function's trigger, which is what Azure calls indexing. Throws a StartError for what Azure would refuse. */
export function indexFunction({ metadata, callback }: Registration, settings: NodeJS.ProcessEnv): IndexedFunction {
  const { name, bindings } = metadata;
  if (!validName.test(name)) {
    throw new StartError(
      `The function name "${name}" is not valid: begin with a letter, then letters, digits, "_" and "-", 128 at most, and not "host".`,
    );
  }
  const found = Object.entries(bindings).find(([, { type }]) => /trigger$/i.test(type));
  if (!found) throw new StartError(`The function "${name}" has no trigger.`);
  const [triggerName, trigger] = found;
  const kind = kinds[trigger.type.toLowerCase()] ?? 'other';
  return {
    name,
    functionId: randomUUID(),
    kind,
    trigger,
    triggerName,
    metadata,
    callback,
    disabled: isDisabled(name, settings),
  };
}

// Linux plans do not allow dots in a setting's name: https://learn.microsoft.com/azure/azure-functions/disable-function
function isDisabled(name: string, settings: NodeJS.ProcessEnv): boolean {
  const value = settings[`AzureWebJobs.${name}.Disabled`] ?? settings[`AzureWebJobs_${name}_Disabled`] ?? '';
  return ['true', '1'].includes(value.toLowerCase());
}

/** Replaces each `%NAME%` by that app setting. */
export function resolveSettings(text: string, functionName: string, settings: NodeJS.ProcessEnv): string {
  return text.replaceAll(/%([^%\s]+)%/g, (_whole, setting: string) => {
    const value = settings[setting];
    if (value === undefined || value === '') {
      throw new StartError(
        `The function "${functionName}" needs the app setting ${setting} ("${text}"), and it is not set.`,
      );
    }
    return value;
  });
}
