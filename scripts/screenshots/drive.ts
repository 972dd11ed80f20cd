import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { startBroker } from '../../local/stack/broker.ts';
import type { Run } from '../../local/stack/run.ts';
import { createCalls } from '../demo/calls.ts';
import { rotated } from '../demo/config.ts';
import { states } from '../demo/cycles.ts';
import { openScene } from '../demo/scene.ts';
import { openCamera, type Camera } from './camera.ts';

const callers = [
  { caller: 'billing', api: 'core' },
  { caller: 'billing', api: 'payments' },
  { caller: 'reporting', api: 'core' },
  { caller: 'bookkeeping', api: 'invoices' },
];
/** Long enough for the pictures of one state, short enough to wait for the drains. */
const rotation = { every: '30d', settle: '3s', promise: '1m' };
const [subscription] = rotated;

/** Takes the local stack through a whole cycle, by hand, and pictures of each state. Resolves with what was seen. */
export async function driveCycle(run: Run, out: string): Promise<{ camera: Camera; seen: string[] }> {
  const scene = await openScene(run, callers);
  const settings: Record<string, string> = { ...scene.settings, ROTATION_SCHEDULE: '0 0 0 1 1 *' };
  await slowDown(settings['BROKER_CONFIG'] ?? '');
  const onEnd = (how: string): void => run.fail(`The broker ended by itself (${how}).`);
  const { url } = await startBroker(
    { root: scene.app, port: 0, settings, isSignInOn: true, onEnd, onLine: () => {} },
    run.cleanup,
  );
  const calls = createCalls(url, scene.stack.ready().gateways, scene.tokens);
  const work = () => Promise.all(callers.map(({ caller, api }) => calls.ask(caller, api)));
  const tick = async (): Promise<string> => {
    run.signal.throwIfAborted();
    await work();
    await fetch(`${url}/admin/functions/rotation-timer`, { method: 'POST' });
    // The timer answers before it has run.
    await sleep(1_000);
    return stateOf(camera);
  };

  await work();
  const camera = await openCamera(url, out, run.cleanup);
  while ((await tick()) !== 'idle');
  await startByHand(camera);
  return { camera, seen: await takeEachState(camera, tick) };
}

async function takeEachState(camera: Camera, tick: () => Promise<string>): Promise<string[]> {
  const seen: string[] = [];
  for (let state = await stateOf(camera); seen.length < states.length; state = await tick()) {
    if (seen.at(-1) === state) continue;
    seen.push(state);
    process.stderr.write(`${state}\n`);
    await camera.take(subscription, state);
  }
  return seen;
}

/** The durations of the demonstration, but for those that would be over before the pictures are taken. */
async function slowDown(file: string): Promise<void> {
  const config = JSON.parse(await readFile(file, 'utf8')) as { subscriptions: Record<string, { rotation?: object }> };
  for (const one of Object.values(config.subscriptions)) if (one.rotation) one.rotation = rotation;
  await writeFile(file, JSON.stringify(config));
}

/** As a person would. */
async function startByHand({ page }: Camera): Promise<void> {
  await page.bringToFront();
  const item = page.locator(`#subscription-${subscription}`);
  if ((await item.locator('.detail').count()) === 0) await item.locator('.line').click();
  await item.getByRole('button', { name: 'Start a cycle' }).click();
  await page.getByLabel('Why').fill('For the pictures');
  await page.keyboard.press('Enter');
  await page.getByText(`Start a cycle, ${subscription}: done.`).waitFor();
  await page.getByRole('button', { name: 'Dismiss' }).click();
}

/** Asked as the page asks, signed in. */
async function stateOf({ page }: Camera): Promise<string> {
  const { rotation: seen } = await page.evaluate<{ rotation: { state: string } | null }>(
    `fetch('/v1/rotations/${subscription}').then((answer) => answer.json())`,
  );
  return seen?.state ?? 'none';
}
