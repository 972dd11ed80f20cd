import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cleanup } from '../../local/stack/cleanup.ts';
import type { Run } from '../../local/stack/run.ts';
import { settleAll } from '../../local/stack/settle.ts';
import { createStack } from '../../local/stack/stack.ts';
import type { Stack } from '../../local/stack/stack.ts';
import { build } from '../build.ts';
import { deployed } from '../bundle-options.ts';
import { createControl } from './calls.ts';
import type { Control } from './calls.ts';
import { propagation, rotated, writeConfig } from './config.ts';

/** The local stack as the demonstration needs it, before the broker starts. */
export type Scene = {
  stack: Stack;
  /** The built app's folder: a copy, so that a broker starts again as what it was, whatever is built meanwhile. */
  app: string;
  control: Control;
  /** The broker's app settings. */
  settings: Record<string, string>;
  /** Each caller's own, by its name. */
  tokens: Record<string, string>;
  /** Whether API Management now has other keys, in both slots of each rotated subscription, than at first. */
  haveBothKeysChanged(): boolean;
};

const root = join(import.meta.dirname, '../..');

/** Builds the app, and starts the stand-ins on any free ports. `rotation` is that of each rotated subscription, if not a short cycle. */
export async function openScene(
  { cleanup, signal }: Pick<Run, 'cleanup' | 'signal'>,
  callers: readonly { caller: string }[],
  rotation?: object,
): Promise<Scene> {
  const [stack] = await settleAll([openStack(cleanup), build()]);
  signal.throwIfAborted();
  const app = join(stack.directory, 'app');
  await Promise.all(deployed.map((file) => cp(join(root, file), join(app, file))));
  const control = createControl(stack.ready().control);
  for (const [instance, delay] of propagation.entries()) {
    await control.steer('/gateway', { instance, propagation: delay });
  }
  const tokens: Record<string, string> = {};
  for (const { caller } of callers) tokens[caller] ??= await control.tokenOf(caller);
  const before = rotated.map((name) => stack.apiManagement.keys(name));
  return {
    stack,
    app,
    control,
    settings: await writeConfig(stack, rotation),
    tokens,
    haveBothKeysChanged: () =>
      rotated.every((name, index) => {
        const [then, now] = [before[index], stack.apiManagement.keys(name)];
        return then && now && then.primary !== now.primary && then.secondary !== now.secondary;
      }),
  };
}

async function openStack(cleanup: Cleanup): Promise<Stack> {
  const stack = await createStack({ ports: { control: 0, gateways: propagation.map(() => 0) } });
  cleanup.add(() => stack.close());
  return stack;
}
