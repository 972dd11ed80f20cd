import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Run } from '../../local/stack/run.ts';
import { settleAll } from '../../local/stack/settle.ts';
import { createStack, type Stack } from '../../local/stack/stack.ts';
import { build } from '../build.ts';
import { deployed } from '../bundle-options.ts';
import { createControl, type Control } from '../demo/calls.ts';
import { propagation } from '../demo/config.ts';
import { writeConfig } from './config.ts';

/** The local stack before the broker starts. */
export type Scene = {
  readonly stack: Stack;
  /** The built app's folder: a copy, whatever is built meanwhile. */
  readonly app: string;
  readonly control: Control;
  readonly settings: Record<string, string>;
};

const root = join(import.meta.dirname, '../..');
/** So short that tokens are renewed in the course of a soak. */
const tokenLifetime = '15m';

export async function openScene({ cleanup, signal }: Pick<Run, 'cleanup' | 'signal'>): Promise<Scene> {
  const open = async () => {
    const stack = await createStack({ ports: { control: 0, gateways: propagation.map(() => 0) } });
    cleanup.add(() => stack.close());
    return stack;
  };
  const [stack] = await settleAll([open(), build()]);
  signal.throwIfAborted();
  const app = join(stack.directory, 'app');
  await Promise.all(deployed.map((file) => cp(join(root, file), join(app, file))));
  const control = createControl(stack.ready().control);
  for (const [instance, delay] of propagation.entries())
    await control.steer('/gateway', { instance, propagation: delay });
  await control.steer('/entra', { tokenLifetime });
  return { stack, app, control, settings: await writeConfig(stack) };
}
