import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { createStack } from '../../local/stack/stack.ts';
import { prepareApp, type App } from '../audit-app.ts';
import type { Row } from '../contest.ts';
import { measureStart, prepareUnbundled, steps } from '../subjects/starts.ts';
import { prepareTrivialApp } from '../subjects/trivial-app.ts';

export const row: Row = {
  title: 'From a process’s start to its first hand-out',
  how:
    'The app in the local Functions host, in a new process each time, and one request for an API that takes a key and a token as soon as it serves: the two bundles as they are deployed, the same code with its packages left in node_modules, and an ' +
    'empty function app. The import is that of `main`, within the host, which can be told of no function before; the broker is a second file, which it loads when they are registered, or for the first request. Of each upstream the time from the first request to the last answer is told; they are asked side by side where one does not need the other, first by the ' +
    'warm-up that the host begins with, so that the steps add up to more than all. “process and host” is the local host’s own, in TypeScript. What is started again finds what Node.js has compiled before, as a worker does that is not the first on its machine.',
  note: 'Each of twenty triggers had all names of `@azure/functions` copied as `main` was imported, which took it 2.1 times as long as the empty app; now they share one copy.',
  rounds: 7,
  prepare: async ({ cleanup }) => {
    const stack = await createStack({ ports: { control: 0, gateways: [0] }, storage: false });
    cleanup.add(() => stack.close());
    const bundled = await prepareApp(stack, 'log', 1, 1);
    const unbundled = await prepareUnbundled(bundled);
    const empty = { ...bundled, root: await prepareTrivialApp(stack.directory, 1_000), settings: {} };
    const makeTemporary = () => mkdtemp(join(stack.directory, 'temporary-'));
    const measureFirst = async (app: App) => measureStart({ ...app, temporary: await makeTemporary() }, cleanup);
    const kept = { ...bundled, temporary: await makeTemporary() };
    return {
      units: Object.fromEntries(steps.map((step) => [step, 'ms'])),
      contestants: {
        broker: () => measureFirst(bundled),
        'broker, started again': () => measureStart(kept, cleanup),
        unbundled: () => measureFirst(unbundled),
        'empty function app': () => measureFirst(empty),
      },
      comparisons: [
        { ...ofImport, title: 'import, of the empty app’s', over: 'empty function app', bar: { atMost: 1.6 } },
        { ...ofBoth, title: 'import of both, of the unbundled code’s', of: 'broker' },
        { ...ofBoth, title: 'the same, started again', of: 'broker, started again', bar: { atMost: 0.35 } },
        { title: 'all, of the empty app’s', measure: 'all', of: 'broker', over: 'empty function app' },
      ],
    };
  },
};

const ofImport = { measure: 'import', of: 'broker' };
const ofBoth = { measure: 'import of both', over: 'unbundled' };
