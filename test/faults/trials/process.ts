import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepareApp } from '../../../bench/audit-app.ts';
import { createStack, type Stack } from '../../../local/stack/stack.ts';
import { findCanaries } from '../../../scripts/canaries.ts';
import { send } from '../../attacks/wire.ts';
import { startHost, type HostChild } from '../../local/host/child.ts';
import type { Trial } from '../fault.ts';

const crowd = 50;
const probe = pathToFileURL(join(import.meta.dirname, 'uncaught-probe.ts')).href;

type Seen = Awaited<ReturnType<Trial['carryOut']>>;
type Process = { stack: Stack; host: HostChild; ask(api: string): ReturnType<typeof send> };

/** The app in a host that is a process of its own, on a stack of its own: its time is real. */
function inProcess(meanwhile: (process: Process) => Promise<Seen>): Trial['carryOut'] {
  return (at) => at.inRealTime(() => startProcess(meanwhile));
}

async function startProcess(meanwhile: (process: Process) => Promise<Seen>): Promise<Seen> {
  const stack = await createStack({ ports: { control: 0, gateways: [0, 0] }, storage: false });
  try {
    const { root, settings, tokens } = await prepareApp(stack, 'log', 1);
    const options = `--import ${probe} --disable-warning=ExperimentalWarning`;
    const host = await startHost({ root, env: { ...settings, NODE_OPTIONS: options } });
    const headers = [['Authorization', `Bearer ${tokens[0]}`]] as const;
    try {
      return await meanwhile({ stack, host, ask: (api) => send(host.port, { path: `/v1/headers/${api}`, headers }) });
    } finally {
      host.process.kill('SIGKILL');
      await host.exit;
    }
  } finally {
    await stack.close();
  }
}

const sigterm: Trial = {
  name: 'SIGTERM under load',
  carryOut: inProcess(async ({ stack, host, ask }) => {
    await fetch(`${stack.ready().control}/faults`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ target: 'entra', path: '**/token', delay: '1s' }),
    });
    const wrong: string[] = [];
    if ((await ask('core')).status !== 200) wrong.push('not served before');
    const asked = [
      ...Array.from({ length: crowd }, () => ask('core')),
      ...Array.from({ length: crowd }, () => ask('payments')),
    ];
    // Sockets are taken in the order in which they come: with this one answered, those before it are under way.
    await send(host.port, { path: '/healthz' });
    host.process.kill('SIGTERM');
    const answers = await Promise.all(asked);
    const exit = await host.exit;
    const recorded = host.stderr();
    const served = (from: number) => answers.slice(from, from + crowd).filter(({ status }) => status === 200).length;
    if (served(0) + served(crowd) < 2 * crowd) wrong.push('a request was lost');
    if (exit !== 0) wrong.push(`the process ended with ${exit}`);
    const unrecorded = answers.filter(({ headers }) => !recorded.includes(headers['x-request-id'] ?? '-'));
    if (unrecorded.length > 0) wrong.push('handed out without an audit record');
    if (findCanaries(recorded).length > 0) wrong.push('a secret was printed');
    const refused = await ask('core').then(
      () => false,
      () => true,
    );
    if (!refused) wrong.push('it still takes requests');
    const [warm, cold] = [0, crowd].map((from) => `${served(from)} of ${crowd} under way served`);
    return { warm: warm ?? '', cold: cold ?? '', heals: 'with the next worker', wrong };
  }),
};

function uncaught(name: string, message: string): Trial {
  return {
    name,
    carryOut: inProcess(async ({ host, ask }) => {
      const wrong: string[] = [];
      if ((await ask('core')).status !== 200) wrong.push('not served before');
      host.process.send(message);
      const exit = await host.exit;
      const alerts = host.stderr().split('\n').filter(isAlert);
      if (alerts.length !== 1) wrong.push(`${alerts.length} alerts`);
      if (exit !== 1) wrong.push(`the process ended with ${exit}`);
      const seen = `the worker ends; ${alerts.length} alert (unexpected-error)`;
      return { warm: seen, cold: 'the same', heals: 'with the next worker', wrong };
    }),
  };
}

/** As `infra/alerts/unexpected-error.kql` reads a line: all of it. */
function isAlert(line: string): boolean {
  try {
    const { event, level }: { event?: unknown; level?: unknown } = JSON.parse(line);
    return event === 'unexpected-error' && level === 'error';
  } catch {
    return false;
  }
}

export const processTrials: readonly Trial[] = [
  sigterm,
  uncaught('A rejection that nobody handles', 'reject'),
  uncaught('An error that nobody catches', 'throw'),
];
