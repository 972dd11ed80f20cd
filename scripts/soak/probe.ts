import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
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
  const weight = { heap, code: weighCode(), external, handles, lagMs };
  process.stderr.write(`soak-weight ${JSON.stringify(weight)}\n`);
}, everyMs).unref();

/** Bytes of what V8 has made of the source, which it keeps in spaces of its own. */
function weighCode(): number {
  return getHeapSpaceStatistics()
    .filter(({ space_name: name }) => /code|trusted/.test(name))
    .reduce((sum, { space_used_size: used }) => sum + used, 0);
}
