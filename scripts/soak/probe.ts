import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Loaded into the broker's process ahead of it (`--import probe.ts?every=MS`): prints now and then what the process keeps, once garbage is collected. The
 * alarm does not keep the process alive, and so is no handle of its own.
 */
const everyMs = Number(new URL(import.meta.url).searchParams.get('every'));
const delay = monitorEventLoopDelay();
delay.enable();
setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

setInterval(() => {
  const lagMs = Math.round(delay.max / 1e6);
  // What a finalizer lets go of is garbage for the second.
  for (let times = 0; times < 2; times += 1) if (typeof collect === 'function') collect();
  delay.reset();
  const handles: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1;
  const { heapUsed: heap, external } = process.memoryUsage();
  process.stderr.write(`soak-weight ${JSON.stringify({ heap, external, handles, lagMs })}\n`);
}, everyMs).unref();
